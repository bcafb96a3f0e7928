/** Screens that nobody needs in order to begin: one file of their own, kept on the phone with the rest. */
export { Policy, Waive } from "./check";
export { Consent } from "../parts/consent";
export { Findings } from "../parts/findings";
export { Connect } from "./connect";
export { HandOver } from "./handover";
export { Online } from "./online";
export { Outbox } from "./outbox";
export { Park } from "./park";
export { Serial } from "./serial";
export { Settings } from "./settings";
export { Tests } from "./tests/overview";
