import { canonical, type SettingVariable, settingVariables, type Values } from "./values.ts";

/** Where a value that is not saved yet came from. */
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

/** Settings while somebody edits them: the saved values, the edits, and conflicts with changes made elsewhere. */
export interface Edits {
	readonly saved: Values;
	readonly edits: Readonly<Partial<Record<SettingVariable, Edit>>>;
	/** Edited here and changed elsewhere since. */
	readonly conflicts: readonly SettingVariable[];
	/** Must be entered before saving, although the configuration is valid without them: see settings/presets.ts. */
	readonly required: readonly SettingVariable[];
}

export function editsOf(saved: Values): Edits {
	return { saved, edits: {}, conflicts: [], required: [] };
}

/** The values with the edits in place, exactly as typed. */
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

export function edited(before: Edits, changes: readonly Change[], source: EditSource): Edits {
	const edits = { ...before.edits };
	const settled = new Set<SettingVariable>();
	for (const { variable, value } of changes) {
		if (canonical(variable, value) === before.saved[variable]) {
			delete edits[variable];
			settled.add(variable);
		} else edits[variable] = { value, source };
	}
	return { ...before, edits, conflicts: before.conflicts.filter((variable) => !settled.has(variable)) };
}

export function requiring(edits: Edits, required: readonly SettingVariable[]): Edits {
	return { ...edits, required };
}

/** Takes over settings that changed elsewhere. A setting that is also edited here becomes a conflict instead. */
export function rebased(before: Edits, saved: Values): Edits {
	const edits = { ...before.edits };
	const conflicts = new Set(before.conflicts);
	for (const { name } of settingVariables) {
		const edit = edits[name];
		if (!edit || saved[name] === before.saved[name]) continue;
		if (canonical(name, edit.value) === saved[name]) {
			delete edits[name];
			conflicts.delete(name);
		} else conflicts.add(name);
	}
	return { ...before, saved, edits, conflicts: [...conflicts] };
}

/** Decides a conflict: the edit stays or is dropped. */
export function resolved(before: Edits, variable: SettingVariable, keep: "mine" | "theirs"): Edits {
	const conflicts = before.conflicts.filter((each) => each !== variable);
	if (keep === "mine") return { ...before, conflicts };
	const { [variable]: _, ...edits } = before.edits;
	return { ...before, edits, conflicts };
}

export function changesOf({ edits }: Edits): Change[] {
	return settingVariables.flatMap(({ name }) => {
		const edit = edits[name];
		return edit ? [{ variable: name, value: canonical(name, edit.value) }] : [];
	});
}

/** Required variables without a value. */
export function missingOf(edits: Edits): SettingVariable[] {
	const values = valuesOf(edits);
	return edits.required.filter((variable) => values[variable] === undefined);
}
