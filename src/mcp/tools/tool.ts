import type { ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import type { UserMemory } from "../../memory/userMemory.ts";
import type { Origin, Project } from "../../store/types.ts";
import type { UseKind } from "../../store/usage.ts";

/** What a tool call runs in. */
export interface ToolContext {
	readonly memory: UserMemory;
	/** The project of the client that calls. */
	readonly project: Project | undefined;
	readonly conversationId: string | undefined;
	/** Of what the client saves. */
	readonly origin: Origin;
	readonly signal: AbortSignal;
	readonly version: string;
}

export interface Tool {
	readonly name: string;
	readonly title: string;
	readonly description: string;
	readonly annotations: Required<Omit<ToolAnnotations, "title">>;
	/** What the log of use calls it; absent: it says nothing of any memory. */
	readonly use?: UseKind;
	readonly inputSchema: z.ZodType;
	readonly outputSchema: z.ZodType;
	/** Gets arguments that match `inputSchema`; returns what matches `outputSchema`. */
	readonly run: (args: never, context: ToolContext) => Promise<Record<string, unknown>>;
}

/** Infers the types of a tool's arguments and result from its schemas. */
export function tool<Input extends z.ZodType, Output extends z.ZodType>(
	definition: Omit<Tool, "inputSchema" | "outputSchema" | "run"> & {
		readonly inputSchema: Input;
		readonly outputSchema: Output;
		readonly run: (args: z.infer<Input>, context: ToolContext) => Promise<z.infer<Output>>;
	},
): Tool {
	return definition as Tool;
}

/** Annotations of a tool that changes nothing. */
export const readsOnly = {
	readOnlyHint: true,
	destructiveHint: false,
	idempotentHint: true,
	openWorldHint: false,
} as const;
