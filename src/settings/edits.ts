import type { SettingVariable, Values } from "./values.ts";
import { canonical, settingVariables } from "./values.ts";

/** Who changed a value that is not saved yet. */
export type EditSource = "typed" | "preset" | ".env" | "fix";

export interface Change {
	readonly variable: SettingVariable;
	/** Undefined: unset. */
	readonly value: string | undefined;
}

interface Edit {
	readonly value: string | undefined;
	readonly source: EditSource;
}

/** Settings that are being edited: what is saved, what is to be, and what somebody else changed meanwhile. */
export interface Edits {
	readonly saved: Values;
	readonly edits: Readonly<Partial<Record<SettingVariable, Edit>>>;
	/** Edited here and changed elsewhere since. */
	readonly conflicts: readonly SettingVariable[];
	/** Must be given before saving, though the configuration would do without: see settings/presets.ts. */
	readonly required: readonly SettingVariable[];
}

export function editsOf(saved: Values): Edits {
	return { saved, edits: {}, conflicts: [], required: [] };
}

/** The values with the edits in place. Text that is being typed is kept as it is. */
export function valuesOf({ saved, edits }: Edits): Values {
	const values: Partial<Record<SettingVariable, string>> = { ...saved };
	for (const { name } of settingVariables) {
		const edit = edits[name];
		if (!edit) continue;
		if (edit.value === undefined || edit.value.trim() === "") delete values[name];
		else values[name] = edit.value;
	}
	return values;
}

export function edited(draft: Edits, changes: readonly Change[], source: EditSource): Edits {
	const edits = { ...draft.edits };
	const settled = new Set<SettingVariable>();
	for (const { variable, value } of changes) {
		if (canonical(variable, value) === draft.saved[variable]) {
			delete edits[variable];
			settled.add(variable);
		} else edits[variable] = { value, source };
	}
	return { ...draft, edits, conflicts: draft.conflicts.filter((variable) => !settled.has(variable)) };
}

export function requiring(draft: Edits, required: readonly SettingVariable[]): Edits {
	return { ...draft, required };
}

/** Takes note of settings that changed elsewhere. What is edited here is not overwritten: it is a conflict. */
export function rebased(draft: Edits, saved: Values): Edits {
	const edits = { ...draft.edits };
	const conflicts = new Set(draft.conflicts);
	for (const { name } of settingVariables) {
		const edit = edits[name];
		if (!edit || saved[name] === draft.saved[name]) continue;
		if (canonical(name, edit.value) === saved[name]) {
			delete edits[name];
			conflicts.delete(name);
		} else conflicts.add(name);
	}
	return { ...draft, saved, edits, conflicts: [...conflicts] };
}

/** Decides a conflict: the value that is edited here stays an edit, or gives way. */
export function resolved(draft: Edits, variable: SettingVariable, keep: "mine" | "theirs"): Edits {
	const conflicts = draft.conflicts.filter((each) => each !== variable);
	if (keep === "mine") return { ...draft, conflicts };
	const { [variable]: _, ...edits } = draft.edits;
	return { ...draft, edits, conflicts };
}

export function changesOf({ edits }: Edits): Change[] {
	return settingVariables.flatMap(({ name }) => {
		const edit = edits[name];
		return edit ? [{ variable: name, value: canonical(name, edit.value) }] : [];
	});
}

/** Required values that are not there. */
export function missingOf(draft: Edits): SettingVariable[] {
	const values = valuesOf(draft);
	return draft.required.filter((variable) => values[variable] === undefined);
}
