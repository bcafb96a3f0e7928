import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="glyph" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const ScanIcon = () => (
  <Icon>
    <path d="M3 8V4h4M17 4h4v4M21 16v4h-4M7 20H3v-4M7 8h4v4H7zM14 9h3M14 12h3v4h-6v-2" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M15 5l-7 7 7 7" />
  </Icon>
);
export const NextIcon = () => (
  <Icon>
    <path d="M9 5l7 7-7 7" />
  </Icon>
);
export const GearIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="3.2" />
    <path d="M12 2.8v2.6M12 18.6v2.6M2.8 12h2.6M18.6 12h2.6M5.5 5.5l1.8 1.8M16.7 16.7l1.8 1.8M18.5 5.5l-1.8 1.8M7.3 16.7l-1.8 1.8" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15H4V4h11v1" />
  </Icon>
);
export const TickIcon = () => (
  <Icon>
    <path d="M4 12.5l5.5 5.5L20 6.5" />
  </Icon>
);
export const PhotoIcon = () => (
  <Icon>
    <path d="M4 8h3.5L9 5h6l1.5 3H20v11H4z" />
    <circle cx="12" cy="13" r="3.5" />
  </Icon>
);
export const NoCameraIcon = () => (
  <Icon>
    <path d="M4 8h3.5L9 5h6l1.5 3H20v11H8M3 3l18 18" />
  </Icon>
);
export const PinIcon = () => (
  <Icon>
    <path d="M12 21c4-5 7-8 7-12a7 7 0 0 0-14 0c0 4 3 7 7 12z" />
    <circle cx="12" cy="9" r="2.4" />
  </Icon>
);
