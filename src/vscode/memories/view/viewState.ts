import type { How } from "../../../store/types.ts";

/** How a person has the view arranged. It outlives the window, but for the search. */
export interface ViewState {
	readonly order: Order;
	readonly group: Grouping;
	readonly filter: ViewFilter;
	/** Set while a search filters the tree. */
	readonly query?: string;
}

export const orders = ["newest", "oldest", "mostUsed", "unused"] as const;
export type Order = (typeof orders)[number];

export const groupings = ["project", "time", "client", "conversation"] as const;
export type Grouping = (typeof groupings)[number];

export const hows: readonly How[] = ["tool", "command", "cli", "hook", "capture", "import", "review"];

export const marks = ["pinned", "withHistory", "notEmbedded", "duplicates", "expired", "superseded"] as const;
export type Mark = (typeof marks)[number];

/** A memory is shown if it meets all conditions. */
export interface ViewFilter {
	readonly client?: string;
	/** In a team. */
	readonly author?: string;
	readonly how?: How;
	readonly marks: readonly Mark[];
}

export const initialState: ViewState = {
	order: "newest",
	group: "project",
	filter: { marks: [] },
};

export function filters({ filter }: ViewState): boolean {
	return (
		filter.client !== undefined ||
		filter.author !== undefined ||
		filter.how !== undefined ||
		filter.marks.length > 0
	);
}

/** What an earlier version, or somebody else, has stored, as far as it is valid. */
export function readState(stored: unknown): ViewState {
	if (typeof stored !== "object" || stored === null) return initialState;
	const { order, group, filter } = stored as Readonly<Record<string, unknown>>;
	const { client, author, how, marks: marked } = (filter ?? {}) as Readonly<Record<string, unknown>>;
	const knownHow = hows.find((each) => each === how);
	return {
		order: orders.find((each) => each === order) ?? initialState.order,
		group: groupings.find((each) => each === group) ?? initialState.group,
		filter: {
			...(typeof client === "string" ? { client } : {}),
			...(typeof author === "string" ? { author } : {}),
			...(knownHow ? { how: knownHow } : {}),
			marks: Array.isArray(marked) ? marks.filter((mark) => marked.includes(mark)) : [],
		},
	};
}
