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
	const numbers = new Map<string, number>();
	const text = named(sql, names).replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
		if (!(name in parameters)) throw new TypeError(`The statement has no value for :${name}.`);
		const number = numbers.get(name) ?? numbers.size + 1;
		numbers.set(name, number);
		return `$${number}`;
	});
	return { text, values: [...numbers.keys()].map((name) => parameters[name]) };
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

/** The type `real` in arrays. */
const float4 = 700;

/**
 * A vector as the binary form of `real[]`, in which it is a parameter `:name::real[]::{v}.vector`: making and reading
 * text would take several times as long.
 */
export function toRealArray(values: Float32Array): Buffer {
	const bytes = Buffer.allocUnsafe(20 + 8 * values.length);
	// Dimensions of the array, no NULLs, type, length, first index.
	for (const [place, header] of [1, 0, float4, values.length, 1].entries())
		bytes.writeInt32BE(header, 4 * place);
	let at = 20;
	for (const value of values) {
		at = bytes.writeInt32BE(4, at);
		at = bytes.writeFloatBE(value, at);
	}
	return bytes;
}

/** A relation of vectors with an `ord` each, as a list of `:vectorN` parameters, and those. NULL is a text that the model refused. */
export function vectorRows(vectors: readonly (readonly [ord: number, values: Float32Array | undefined])[]): {
	readonly relation: string;
	readonly parameters: Parameters;
} {
	const rows = vectors.map(([ord], place) => `(${ord}, :vector${place}::real[])`);
	const none = "SELECT NULL::int, NULL::real[] WHERE false";
	return {
		relation: `(${rows.length > 0 ? `VALUES ${rows.join(", ")}` : none})`,
		parameters: Object.fromEntries(
			vectors.map(([, values], place) => [`vector${place}`, values ? toRealArray(values) : null]),
		),
	};
}

/** As text, within JSON; nine digits keep every float32 exactly. */
export function toVectorText(values: Float32Array): string {
	let text = "[";
	for (const value of values) text += `${text.length > 1 ? "," : ""}${value.toPrecision(9)}`;
	return `${text}]`;
}

export function fromVectorText(text: string): Float32Array {
	return Float32Array.from(JSON.parse(text) as number[]);
}
