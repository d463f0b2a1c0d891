import type * as z from "zod";
import { InputError } from "../../memory/errors.ts";
import { quoted } from "../quoted.ts";

/** Unknown arguments that are named. */
const maxKeys = 5;

/** The first problem with a tool's arguments, in one sentence: the argument, its value and the accepted form. */
export function invalidArguments(tool: string, error: z.ZodError, args: unknown): InputError {
	const issue = error.issues[0] as z.core.$ZodIssue;
	const field = issue.path.join(".");
	const given = issue.path.reduce<unknown>(
		(value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
		args,
	);
	return new InputError(field, `${tool}: ${problem(issue, field, given)}`);
}

function problem(issue: z.core.$ZodIssue, field: string, given: unknown): string {
	const shown = `${field}=${quoted(given)}`;
	switch (issue.code) {
		case "unrecognized_keys":
			return `${issue.keys.slice(0, maxKeys).map(quoted).join(", ")} is not an argument of this tool.`;
		case "invalid_value":
			return `${shown} is not valid: it takes one of ${issue.values.join(", ")}.`;
		case "too_big":
			return typeof given === "string"
				? `${field} has ${given.length} characters; the most is ${issue.maximum}. Split it into several facts.`
				: `${shown} is out of range: the most is ${issue.maximum}.`;
		case "too_small":
			return given === "" ? `${field} is empty.` : `${shown} is out of range: the least is ${issue.minimum}.`;
		case "invalid_type":
			if (field === "") return "the arguments must be given as an object.";
			return given === undefined
				? `${field} must be given (${typeName(issue.expected)}).`
				: `${shown} is not valid: it takes a value of type ${typeName(issue.expected)}.`;
		default:
			return `${shown} is not valid: ${issue.message}.`;
	}
}

/** In the words of JSON Schema, which is what the caller sees. */
function typeName(expected: string): string {
	return expected === "record" ? "object" : expected;
}
