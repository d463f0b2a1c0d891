import type { ChangeRequest } from "../../../memory/changing.ts";
import { InputError } from "../../../memory/errors.ts";
import { audienceOf } from "../../../store/access.ts";
import type { Memory, Project } from "../../../store/types.ts";
import { type Fields, readDocument } from "./frontMatter.ts";
import { problemText } from "./problems.ts";

/**
 * What a document changes of a memory.
 * @throws InputError for a front matter that cannot be saved
 */
export function changeOf(document: string, memory: Memory, projects: readonly Project[]): ChangeRequest {
	const known = memory.project ? [memory.project, ...projects] : projects;
	const { text, fields } = checkedDocument(document, known);
	const { id, updatedAt } = memory;
	return {
		id,
		expected: { text: memory.text, updatedAt },
		// Editors change the ends of all lines, or none.
		text: withoutReturns(text) === withoutReturns(memory.text) ? memory.text : text,
		...(fields
			? {
					scope: fields.scope,
					project: fields.project,
					pinned: fields.pinned,
					expiresAt: fields.expiresAt ?? null,
					metadata: fields.metadata ?? null,
					supersededBy: fields.supersededBy ?? null,
					...changedAudience(memory, fields),
				}
			: {}),
	};
}

/** Nobody shares a memory by saving what it says of itself. */
function changedAudience(memory: Memory, { visibility = "private" }: Fields) {
	return visibility === audienceOf(memory) ? {} : { visibility };
}

/** @throws InputError for a front matter that cannot be saved */
export function checkedDocument(
	document: string,
	projects: readonly Project[],
): { readonly text: string; readonly fields: Fields | undefined } {
	const { text, fields, problems } = readDocument(document, projects);
	const [first] = problems;
	if (first) throw new InputError("frontMatter", problemText(first, projects));
	return { text, fields };
}

function withoutReturns(text: string): string {
	return text.replace(/\r\n?/g, "\n");
}
