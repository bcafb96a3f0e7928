import { useSignal } from "@preact/signals";
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Mark } from "../checklist";
import type { Receipt as Steps } from "../outbox";
import { up } from "../router";
import { t } from "../words";
import { Band } from "./band";
import { BackIcon, CopyIcon, TickIcon } from "./icons";
import { Strip } from "./strip";

type Tone = "main" | "quiet" | "danger";

export interface ButtonProps {
  test: string;
  onClick: () => void;
  children: ComponentChildren;
  tone?: Tone;
  small?: boolean;
  disabled?: boolean;
}

export function Button({ test, onClick, children, tone = "main", small = false, disabled = false }: ButtonProps) {
  return (
    <button type="button" class={`btn ${tone} ${small ? "small" : ""}`} data-test={test} onClick={onClick} disabled={disabled}>
      {children}
    </button>
  );
}

export interface ScreenProps {
  title: ComponentChildren;
  /** The title in words for the window, where the title itself is a picture or an id. */
  name: string;
  subtitle?: ComponentChildren;
  parent?: string;
  aside?: ComponentChildren;
  foot?: ComponentChildren;
  children: ComponentChildren;
  kind?: string;
  /** The CPO that it is about, where the address does not say so. */
  cpoId?: string | undefined;
}

/** One question a screen: title, the truth about the network, the matter, and the one main button below. */
export function Screen({ title, name, subtitle, parent, aside, foot, children, kind = "", cpoId }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} · ${t("app")}`;
  }, [name]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div class={`screen ${kind}`}>
      <Band cpoId={cpoId} />
      <header class="bar">
        {parent !== undefined && (
          <button type="button" class="icon" aria-label={t("back")} data-test="back" onClick={() => up(parent)}>
            <BackIcon />
          </button>
        )}
        <h1 tabIndex={-1} ref={heading}>
          {title}
          {subtitle && <small>{subtitle}</small>}
        </h1>
        {aside}
      </header>
      <Strip />
      <main tabIndex={0}>{children}</main>
      {foot && <footer class="foot">{foot}</footer>}
    </div>
  );
}

const MARK_SIGN: Record<Mark, string> = { done: "✓", waived: "–", bad: "!", wait: "…", open: "" };

export function MarkSign({ mark, number, word }: { mark: Mark; number?: number; word: string }) {
  return (
    <span class={`mark ${mark}`} role="img" aria-label={word}>
      {mark === "open" ? (number ?? "") : MARK_SIGN[mark]}
    </span>
  );
}

export function Chip({ tone, children, test }: { tone: "good" | "wait" | "bad" | "info" | "plain" | "acceptance"; children: ComponentChildren; test?: string }) {
  return (
    <span class={`chip ${tone}`} data-test={test}>
      {children}
    </span>
  );
}

/** Three dots: saved on this phone, sent, accepted. */
export function Receipt({ steps }: { steps: Steps }) {
  const words = t(`receipt_${steps}`);
  return (
    <span class="receipt" role="img" aria-label={words} title={words} data-test="receipt" data-steps={steps}>
      {[1, 2, 3].map((dot) => <i key={dot} class={dot <= steps ? "on" : ""} />)}
    </span>
  );
}

/** Where the clipboard is closed to a page (plain HTTP) a hidden field still copies. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function CopyButton({ text, test }: { text: string; test: string }) {
  const done = useSignal(false);
  const copy = async (): Promise<void> => {
    done.value = await toClipboard(text);
    setTimeout(() => (done.value = false), 2_000);
  };
  return (
    <button type="button" class="icon copy" aria-label={`${t("copy")}: ${text}`} data-test={test} onClick={() => void copy()}>
      {done.value ? <TickIcon /> : <CopyIcon />}
      <span class="said" role="status">{done.value ? t("copied") : ""}</span>
    </button>
  );
}

/** For reading aloud: monospace, never cut; the groups are gaps on the screen, not characters. */
export function Id({ text, group = 0, test }: { text: string; group?: number; test?: string }) {
  const parts = group ? (text.match(new RegExp(`.{1,${group}}`, "gu")) ?? []) : [text];
  return (
    <span class={group ? "id grouped" : "id"} data-test={test} translate={false}>
      {parts.map((part, i) => (group ? <span key={i}>{part}</span> : part))}
    </span>
  );
}

export interface FieldProps {
  label: string;
  test: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  /** What is wrong with it, said beside it. */
  trouble?: string | null | undefined;
  attributes?: InputHTMLAttributes<HTMLInputElement>;
}

let made = 0;
export function useFieldId(): string {
  const id = useRef("");
  id.current ||= `field-${++made}`;
  return id.current;
}

/** Brings the first field that has something wrong under the person's eyes. */
export function toTrouble(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

export function Field({ label, test, value, onInput, hint, trouble, attributes = {} }: FieldProps) {
  const id = useFieldId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        class="input" id={id} data-test={test} value={value} aria-describedby={trouble ? `${id}-trouble` : hint ? `${id}-hint` : undefined} aria-invalid={trouble ? true : undefined}
        onInput={(event) => onInput(event.currentTarget.value)} {...attributes}
      />
      {trouble && <p class="warn lack" id={`${id}-trouble`} data-test={`${test}-trouble`}>{trouble}</p>}
      {hint && <p class="muted" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** Bad news stays until it was read: it goes when the thing it is about is tried again. */
export function Notice({ tone, title, children, test }: { tone: "bad" | "wait" | "info" | "good"; title?: string; children?: ComponentChildren; test?: string }) {
  return (
    <div class={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"} data-test={test}>
      {title && <strong>{title}</strong>}
      {children}
    </div>
  );
}

export interface ConfirmProps {
  title: string;
  text?: ComponentChildren;
  action: string;
  test: string;
  onYes: () => void;
  onNo: () => void;
  tone?: Tone;
}

export function Confirm({ title, text, action, test, onYes, onNo, tone = "danger" }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="sheet" onCancel={onNo} aria-label={title}>
      <h2>{title}</h2>
      {text && <div class="muted">{text}</div>}
      <Button test={test} tone={tone} onClick={onYes}>{action}</Button>
      <Button test="dialog-cancel" tone="quiet" onClick={onNo}>{t("cancel")}</Button>
    </dialog>
  );
}

export function Loading({ text }: { text?: string }) {
  return <p class="loading" role="status">{text ?? t("loading")}</p>;
}

export function Empty({ title, text, children }: { title: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      {children}
      <h2>{title}</h2>
      {text && <p class="muted">{text}</p>}
    </div>
  );
}
