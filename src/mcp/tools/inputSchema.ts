import * as z from "zod";

interface Property {
	readonly type?: string;
	readonly enum?: readonly unknown[];
}

/** JSON Schema of a tool's arguments, as clients pass it on to models. */
export interface InputSchema {
	readonly type: "object";
	readonly properties: Readonly<Record<string, Property>>;
	readonly required?: readonly string[];
	readonly [keyword: string]: unknown;
}

/** Keywords that every large model's API takes: one that is not known there costs the client the whole request. */
const portable = new Set(
	(
		"type description enum properties required items default minimum maximum minItems maxItems minLength maxLength " +
		"additionalProperties"
	).split(" "),
);

export function inputSchemaOf(schema: z.ZodType): InputSchema {
	return onlyPortable(z.toJSONSchema(schema, { io: "input" })) as InputSchema;
}

function onlyPortable(schema: unknown): unknown {
	if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return schema;
	const kept = Object.entries(schema).filter(
		// Anything may be added, which is so without a word.
		([keyword, value]) => portable.has(keyword) && (keyword !== "additionalProperties" || value === false),
	);
	return Object.fromEntries(
		kept.map(([keyword, value]) => [
			keyword,
			keyword === "properties"
				? Object.fromEntries(Object.entries(value).map(([name, property]) => [name, onlyPortable(property)]))
				: onlyPortable(value),
		]),
	);
}

/** Nothing, as models write it where they must write something. */
function isNothing(value: unknown): boolean {
	return value === null || (typeof value === "string" && /^\s*(null|none|undefined)?\s*$/i.test(value));
}

/**
 * Arguments as models send them, in the form that a tool expects where the meaning is plain: `"3"` for a number, `"true"`
 * for a switch, JSON in a string for an object, null, its name or an empty string for what is left out. The rest is as it was.
 */
export function plainArguments({ properties, required = [] }: InputSchema, given: unknown): unknown {
	const args = given === undefined || isNothing(given) ? {} : parsedObject(given);
	if (typeof args !== "object" || args === null || Array.isArray(args)) return args;
	return Object.fromEntries(
		Object.entries(args).flatMap(([name, value]) => {
			const isLeftOut = value === null || (isNothing(value) && properties[name]?.type !== undefined);
			if (isLeftOut && !required.includes(name)) return [];
			return [[name, Object.hasOwn(properties, name) ? plainValue(properties[name], value) : value]];
		}),
	);
}

function plainValue({ type, enum: words }: Property = {}, value: unknown): unknown {
	const text = typeof value === "string" ? value.trim() : undefined;
	if (words && text !== undefined) return words.find((word) => word === text.toLowerCase()) ?? value;
	switch (type) {
		case "integer":
		case "number":
			return text && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : value;
		case "boolean":
			return text && /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : value;
		case "object":
			return parsedObject(value);
		case "string":
			return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
		default:
			return value;
	}
}

function parsedObject(value: unknown): unknown {
	if (typeof value !== "string") return value;
	try {
		const object: unknown = JSON.parse(value);
		return typeof object === "object" && object !== null ? object : value;
	} catch {
		// It is no JSON; the schema says what is wrong.
		return value;
	}
}
