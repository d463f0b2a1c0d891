import type { Client } from "../client.ts";
import { claude } from "./claude.ts";
import { claudeDesktop } from "./claudeDesktop.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { continueDev } from "./continue.ts";
import { copilot } from "./copilot.ts";
import { cursor } from "./cursor.ts";
import { gemini } from "./gemini.ts";
import { junie } from "./junie.ts";
import { kiro } from "./kiro.ts";
import { opencode } from "./opencode.ts";
import { roo } from "./roo.ts";
import { vscode } from "./vscode.ts";
import { windsurf } from "./windsurf.ts";
import { workspace } from "./workspace.ts";
import { zed } from "./zed.ts";

/** In the order in which they are shown. To add one, write its file and list it here. */
export const clients: readonly Client[] = [
	copilot,
	vscode,
	workspace,
	claude,
	claudeDesktop,
	cursor,
	windsurf,
	codex,
	gemini,
	zed,
	cline,
	roo,
	continueDev,
	opencode,
	kiro,
	junie,
];
