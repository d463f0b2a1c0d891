import * as z from "zod";

interface Schema {
	readonly type?: unknown;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly items?: Schema;
}

/**
 * The schema of a tool's answer as clients are told it: the names and types of what stands at its top. Clients put the
 * definitions of tools into a model's context, which pays for each word; what is inside explains itself when it arrives.
 */
export function outputSchemaOf(schema: z.ZodType) {
	const { properties = {} } = z.toJSONSchema(schema, { io: "output" }) as Schema;
	const brief = ({ type, items }: Schema) => ({ type, ...(items ? { items: { type: items.type } } : {}) });
	return {
		type: "object" as const,
		properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, brief(each)])),
		additionalProperties: false,
	};
}
