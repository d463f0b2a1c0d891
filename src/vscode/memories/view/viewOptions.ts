import { l10n } from "vscode";
import { type Item, pick } from "../../ui.ts";
import { howLabel } from "./rows.ts";
import {
	type Grouping,
	groupings,
	hows,
	initialState,
	type Mark,
	marks,
	type Order,
	orders,
	type ViewFilter,
	type ViewState,
} from "./viewState.ts";

export async function chooseOrder({ order }: ViewState): Promise<Order | undefined> {
	const items = orders.map((each) => ({ ...ticked(orderLabel(each), each === order), order: each }));
	return (await pick(items, { title: l10n.t("Sort memories"), placeHolder: l10n.t("Which come first?") }))
		?.order;
}

export async function chooseGrouping({ group }: ViewState): Promise<Grouping | undefined> {
	const items = groupings.map((each) => ({ ...ticked(groupLabel(each), each === group), group: each }));
	return (await pick(items, { title: l10n.t("Group memories"), placeHolder: l10n.t("By what?") }))?.group;
}

/**
 * Changes one condition of the filter.
 * @param clients those that have saved anything.
 * @param authors those of a team; none outside of one.
 */
export async function changeFilter(
	{ filter }: ViewState,
	clients: readonly string[],
	authors: readonly string[],
): Promise<ViewFilter | undefined> {
	const { client, author, how } = filter;
	/** Without a condition that is ticked again. */
	const toggled = (name: "client" | "author" | "how", value: string): ViewFilter => {
		const { [name]: ticked, ...others } = filter;
		return ticked === value ? others : { ...others, [name]: value };
	};
	const items = [
		...marks.map((mark) => {
			const is = filter.marks.includes(mark);
			const marked = is ? filter.marks.filter((each) => each !== mark) : [...filter.marks, mark];
			return { ...ticked(markLabel(mark), is), changed: { ...filter, marks: marked } };
		}),
		...clients.map((each) => ({
			...ticked(each, each === client),
			description: l10n.t("client"),
			changed: toggled("client", each),
		})),
		...hows.map((each) => ({
			...ticked(howLabel(each), each === how),
			description: l10n.t("saved by"),
			changed: toggled("how", each),
		})),
		...authors.map((each) => ({
			...ticked(each, each === author),
			description: l10n.t("author"),
			changed: toggled("author", each),
		})),
	];
	const none = { label: l10n.t("Show all memories"), icon: "clear-all", changed: initialState.filter };
	const placeHolder = l10n.t("Show only memories that match every tick");
	const options = { title: l10n.t("Filter memories"), placeHolder };
	return (await pick<Item & { readonly changed: ViewFilter }>([none, ...items], options))?.changed;
}

/** What stands above the rows, so that nobody takes a part for the whole. */
export function stateLabel({ order, filter, query }: ViewState): string | undefined {
	const { client, author, how } = filter;
	const marked = filter.marks.map(markLabel);
	const by = [client, author, how && howLabel(how)].filter((fact) => typeof fact === "string");
	if (query !== undefined) {
		const results = [l10n.t("Results for “{0}”", query), ...by].join(" · ");
		// A search finds the best, whatever is marked.
		return marked.length === 0 ? results : l10n.t("{0}, not filtered by: {1}", results, marked.join(", "));
	}
	const facts = [...(order === "newest" ? [] : [orderLabel(order)]), ...marked, ...by];
	return facts.length > 0 ? l10n.t("Shown: {0}", facts.join(", ")) : undefined;
}

function ticked(label: string, is: boolean) {
	return { label, icon: is ? "check" : "blank" };
}

function orderLabel(order: Order): string {
	return {
		newest: l10n.t("Newest"),
		oldest: l10n.t("Oldest"),
		mostUsed: l10n.t("Most used"),
		unused: l10n.t("Longest unused"),
	}[order];
}

function groupLabel(group: Grouping): string {
	return {
		project: l10n.t("Project"),
		time: l10n.t("Time"),
		client: l10n.t("Client"),
		conversation: l10n.t("Conversation"),
	}[group];
}

function markLabel(mark: Mark): string {
	return {
		pinned: l10n.t("pinned"),
		withHistory: l10n.t("with history"),
		notEmbedded: l10n.t("not embedded"),
		duplicates: l10n.t("duplicates"),
		expired: l10n.t("expired"),
		superseded: l10n.t("superseded"),
	}[mark];
}
