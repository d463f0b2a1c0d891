import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { InputError } from "../memory/errors.ts";
import { maxListLimit } from "../memory/input.ts";
import type { UserMemory } from "../memory/userMemory.ts";
import type { Project } from "../store/types.ts";
import { documentOf } from "./bounds.ts";
import { quoted } from "./quoted.ts";
import { listPage, memoryDocument } from "./reading.ts";

const all = "memory://all";
const mimeType = "application/json";
/** The code of the protocol's specification; the SDK has no name for it. */
const resourceNotFound = -32002;

export const listedResources = [
	{
		uri: all,
		name: "all-memories",
		title: "All memories",
		description:
			"Every memory of this user that is global or of the current project, newest first, page by page",
		mimeType,
	},
];

export const resourceTemplates = [
	{
		uriTemplate: "memory://{id}",
		name: "memory",
		title: "Memory",
		description: "One memory with its history, and the text it was distilled from",
		mimeType,
	},
];

const form = /^memory:\/\/(?<id>[^/?#]+)\/?(?:\?cursor=(?<cursor>[\w.-]*))?$/;

/** @throws McpError for a URI that does not name a memory, or a place in it. */
export async function readResource(uri: string, memory: UserMemory, project: Project | undefined) {
	const { id, cursor } = form.exec(uri)?.groups ?? {};
	if (id === undefined)
		throw notFound(`There is no resource ${quoted(uri)}. Use memory://all or memory://{id}.`);
	try {
		const content =
			id === "all"
				? documentOf({
						...(await listPage(
							memory,
							{ project, cursor, limit: maxListLimit },
							(next) => `${all}?cursor=${next}`,
						)),
					})
				: await memoryDocument(memory, id, cursor);
		return { contents: [{ uri, mimeType, text: JSON.stringify(content) }] };
	} catch (error) {
		if (error instanceof InputError) throw notFound(error.message);
		throw error;
	}
}

function notFound(message: string): McpError {
	return new McpError(resourceNotFound, message);
}
