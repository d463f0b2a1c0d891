export type Parameters = Readonly<Record<string, unknown>>;

/** The schemas that statements name: `{s}` stands for ours, `{v}` for the one with pgvector. */
export interface Names {
	readonly schema: string;
	readonly vectorSchema: string;
}

/** A statement with `:name` parameters in PostgreSQL's form. */
export function positional(
	sql: string,
	parameters: Parameters,
	names: Names,
): { readonly text: string; readonly values: readonly unknown[] } {
	const order: string[] = [];
	const text = named(sql, names).replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
		if (!(name in parameters)) throw new TypeError(`The statement has no value for :${name}.`);
		const at = order.indexOf(name);
		return `$${at < 0 ? order.push(name) : at + 1}`;
	});
	return { text, values: order.map((name) => parameters[name]) };
}

/** Every name with its schema: a pooler in transaction mode keeps no search path. */
export function named(sql: string, { schema, vectorSchema }: Names): string {
	return sql.replaceAll("{s}", quoted(schema)).replaceAll("{v}", quoted(vectorSchema));
}

export function quoted(identifier: string): string {
	return `"${identifier.replaceAll('"', '""')}"`;
}

/** Of a text without control characters. */
export function literal(text: string): string {
	const escaped = text.replaceAll("'", "''");
	return text.includes("\\") ? `E'${escaped.replaceAll("\\", "\\\\")}'` : `'${escaped}'`;
}

/** Vectors travel as text; nine digits keep every float32 exactly. */
export function toVectorText(values: Float32Array): string {
	let text = "[";
	for (const value of values) text += `${text.length > 1 ? "," : ""}${value.toPrecision(9)}`;
	return `${text}]`;
}

export function fromVectorText(text: string): Float32Array {
	return Float32Array.from(JSON.parse(text) as number[]);
}
