/**
 * The messages between the settings panel and the extension. Both sides check what they receive against these schemas
 * and drop what does not fit. No message contains a key: keys are entered in VS Code's own input box.
 */
import * as z from "zod/mini";
import type { EndpointRole } from "../../config/endpoints.ts";
import { variables } from "../../config/variables.ts";
import type { DatabaseChoice } from "../databasePresets.ts";
import { embeddingUses } from "../embeddingUse.ts";
import { keyVariables } from "../keys/boundKeys.ts";
import { settingVariables } from "../values.ts";

/** The panel imports from this file only. */
export { plain } from "../../text/inert.ts";
export { splitPassword } from "../keys/databasePassword.ts";
export { headersIn } from "../values.ts";

// A webview does not allow code to be compiled at run time.
z.config({ jitless: true });

const settingVariable = z.enum(settingVariables.map(({ name }) => name));
const variable = z.enum(variables.map(({ name }) => name));
const keyVariable = z.enum(keyVariables);
/** What can be tested: an endpoint of a role, or the database or server that has the memory. */
const tested = z.enum(["chat", "embedding", "storage"]);
const databaseChoice = z.enum([
	"none",
	"server",
	"local",
	"supabase",
	"managed",
	"other",
] satisfies DatabaseChoice[]);
const role = z.enum(["chat", "embedding"] satisfies EndpointRole[]);
const embeddingUse = z.enum(embeddingUses);
const text = z.string();
const byVariable = z.partialRecord(settingVariable, text);

// #region to the extension

const toExtension = z.discriminatedUnion("kind", [
	/** `ready`: the panel is drawn and waits for its contents. */
	z.strictObject({
		kind: z.literal(["ready", "save", "discard", "browse", "move-plain-keys", "find-local", "copy-memories"]),
	}),
	/** `sequence` counts the panel's edits; a state repeats the newest one it includes. Empty: unset. */
	z.strictObject({ kind: z.literal("edit"), variable: settingVariable, value: text, sequence: z.int() }),
	z.strictObject({ kind: z.literal("embedding-use"), use: embeddingUse }),
	z.strictObject({ kind: z.literal("preset"), id: text }),
	z.strictObject({ kind: z.literal("database"), choice: databaseChoice }),
	/** The database's, which is entered in VS Code as keys are. */
	z.strictObject({ kind: z.literal("password"), action: z.enum(["enter", "remove"]) }),
	/** The offer at `index`. */
	z.strictObject({ kind: z.literal("use-local"), index: z.int() }),
	z.strictObject({ kind: z.literal("resolve"), variable: settingVariable, keep: z.enum(["mine", "theirs"]) }),
	/** Keys are entered, chosen and confirmed in VS Code, never here. */
	z.strictObject({
		kind: z.literal("key"),
		variable: keyVariable,
		action: z.enum(["enter", "remove", "reuse", "none"]),
	}),
	z.strictObject({ kind: z.literal("list-models"), role }),
	z.strictObject({ kind: z.literal(["test", "cancel-test"]), role: tested }),
	/** The fix at `index` of a finding. */
	z.strictObject({ kind: z.literal("fix"), role: tested, finding: text, index: z.int() }),
	z.strictObject({
		kind: z.literal("command"),
		command: z.enum(["import", "export", "copy", "settings", "log"]),
	}),
]);
export type ToExtension = z.infer<typeof toExtension>;

// #endregion
// #region to the panel

const field = z.strictObject({
	variable: settingVariable,
	section: z.enum(["llm", "embedding", "memory", "database", "advanced"]),
	label: text,
	/** As settings.json has it, with its prefix. */
	setting: text,
	/** One line. */
	about: text,
	/** All that there is to say, for the hover. */
	doc: text,
	type: z.enum(["string", "integer", "number", "enum", "url", "headers", "database"]),
	/** Of an enum. */
	options: z.array(z.strictObject({ value: text, label: text })),
	/** The value while the field is empty. */
	placeholder: text,
});
export type Field = z.infer<typeof field>;

const preset = z.strictObject({ id: text, label: text, description: text });

const database = z.strictObject({ id: databaseChoice, label: text, description: text });

const finding = z.strictObject({
	id: text,
	status: z.enum(["ok", "warning", "failed", "skipped"]),
	title: text,
	seen: text,
	cause: z.optional(text),
	/** Labels of buttons, or advice that no button can carry out. */
	fixes: z.array(z.strictObject({ label: text, button: z.boolean() })),
});
export type FindingView = z.infer<typeof finding>;

const test = z.strictObject({
	state: z.enum(["running", "done", "cancelled", "failed"]),
	summary: text,
	findings: z.array(finding),
});
export type TestedRole = z.infer<typeof tested>;
export type TestView = z.infer<typeof test>;

const keyView = z.strictObject({
	variable: keyVariable,
	/** Whether there is a key, and for which host, in words. */
	text: text,
	warning: z.optional(text),
	enter: text,
	canRemove: z.boolean(),
	canSayNone: z.boolean(),
	/** Label of the button to use the stored key of another host. */
	reuse: z.optional(text),
});
export type KeyView = z.infer<typeof keyView>;

const models = z.strictObject({
	/** `ready`: they are listed when the person asks for it. */
	state: z.enum(["none", "ready", "loading", "listed", "failed"]),
	names: z.array(text),
	/** The outcome, in words. */
	text,
	/** What the list says of the model that is entered, and which one may be meant. */
	remark: z.optional(text),
	suggestion: z.optional(text),
});
export type ModelsView = z.infer<typeof models>;

const state = z.strictObject({
	/** The newest edit it includes. */
	sequence: z.int(),
	values: byVariable,
	problems: byVariable,
	hints: byVariable,
	/** The fields that have an effect with these values; the others are hidden. */
	visible: z.array(settingVariable),
	unsaved: z.array(settingVariable),
	conflicts: z.array(z.strictObject({ variable: settingVariable, theirs: text })),
	keys: z.array(keyView),
	/** Places in settings.json with a key as plain text. */
	plainKeys: z.array(text),
	provider: text,
	/** Instead of the fields' own, for the chosen providers. */
	placeholders: byVariable,
	setup: z.strictObject({
		/** The preset that the values come from; empty for a set-up of the person's own. */
		preset: text,
		/** Where texts go with the saved settings. */
		inForce: text,
	}),
	/** Model servers on this machine. */
	local: z.strictObject({ state: z.enum(["unasked", "looking", "asked"]), offers: z.array(text), text }),
	embedding: z.strictObject({
		use: embeddingUse,
		uses: z.array(embeddingUse),
		/** The rule that applies, in words. */
		where: text,
		dimensions: text,
	}),
	effective: z.array(z.strictObject({ variable, value: text, source: text, unsaved: z.boolean() })),
	/** Why there is no result, where a value is not valid. */
	effectiveNote: text,
	models: z.strictObject({ chat: models, embedding: models }),
	database: z.strictObject({
		choice: databaseChoice,
		/** Its presence, in words; undefined while the URL names no user and host. */
		password: z.optional(z.strictObject({ text, hasPassword: z.boolean() })),
		/** What becomes of the memories on this machine; empty where these are the memory. */
		memories: text,
		/** Why the settings of models have no effect; empty where they have. */
		models: text,
	}),
	tests: z.strictObject({
		chat: z.optional(test),
		embedding: z.optional(test),
		storage: z.optional(test),
	}),
	/** What was imported from a `.env` file, until it is saved or discarded. */
	imported: z.optional(z.strictObject({ file: text, changes: z.array(text), notes: z.array(text) })),
	dirty: z.boolean(),
	canSave: z.boolean(),
	/** What is unsaved, or what prevents saving. */
	summary: text,
});
export type PanelState = z.infer<typeof state>;

const toPanel = z.discriminatedUnion("kind", [
	z.strictObject({
		kind: z.literal("open"),
		fields: z.array(field),
		presets: z.array(preset),
		databases: z.array(database),
		state,
	}),
	z.strictObject({ kind: z.literal("state"), state }),
	/** Moves the cursor into a field. */
	z.strictObject({ kind: z.literal("focus"), variable }),
	/** For screen readers. */
	z.strictObject({ kind: z.literal("announce"), text }),
]);
export type ToPanel = z.infer<typeof toPanel>;

// #endregion

/** @returns undefined for anything but a message of the panel. */
export function readFromPanel(message: unknown): ToExtension | undefined {
	return toExtension.safeParse(message).data;
}

/** @returns undefined for anything but a message of the extension. */
export function readFromExtension(message: unknown): ToPanel | undefined {
	return toPanel.safeParse(message).data;
}
