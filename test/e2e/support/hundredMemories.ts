import type { NewMemory } from "../../../src/store/types.ts";

const day = 86_400_000;
export const alpha = { id: "example.com/team/alpha", name: "alpha" };
const beta = { id: "example.com/team/beta", name: "beta" };
const website = { id: "example.com/team/website", name: "website" };

const clients = [
	{ client: "copilot-chat", clientVersion: "0.67.0", how: "tool" },
	{ client: "claude-code", clientVersion: "2.1.163", how: "tool" },
	{ client: "codex", clientVersion: "0.93.0", how: "hook" },
] as const;

const known: readonly (readonly [text: string, place?: typeof alpha])[] = [
	["We deploy with make ship, from the main branch only, never on Fridays", alpha],
	["The deploy key for staging is rotated on the first Monday of the month", alpha],
	["Ada wants a short summary before any code is changed"],
	["Tests run with mocha; a flaky test is fixed, never retried", alpha],
	["Deploys are announced in the team channel ten minutes ahead", alpha],
	["The API returns money as integers in cents", alpha],
	["Ada prefers tabs over spaces"],
	["Error messages name the value that is wrong and what would be right", alpha],
	["The release manager of this quarter is Grace", alpha],
	["Pictures of the website are at most 200 KB", website],
	["Beta is written in Go and has no database of its own", beta],
	["Ada works from nine to five, and answers mail on Mondays"],
];

/** A hundred memories of three clients, in four places, of the last three months. */
export function hundredMemories(now: number): readonly (Partial<NewMemory> & { readonly text: string })[] {
	return Array.from({ length: 100 }, (_, index) => {
		const [text, project] = known[index] ?? [];
		const place = text === undefined ? [alpha, undefined, beta, website][index % 4] : project;
		return {
			text:
				text ??
				`Decision ${index}: ${["the cache", "the parser", "the queue", "the form"][index % 4]} of ${place?.name ?? "every project"} keeps ${index} entries`,
			createdAt: now - Math.floor(index ** 1.9 * 3000) - index * 7 * 60_000 - (index > 60 ? 20 * day : 0),
			conversationId: `conversation-${index % 9}`,
			origin: { ...clients[index % 3], folder: place?.name ?? "home" },
			...(place ? { project: place } : {}),
			...(index === 0 || index === 6 ? { pinned: true } : {}),
		} as Partial<NewMemory> & { readonly text: string };
	});
}
