import { viewerOf } from "../store/access.ts";
import type { MemoryStore } from "../store/memoryStore.ts";
import type { Filter } from "../store/types.ts";
import { InputError } from "./errors.ts";

/** Clients that a filter is compared with; only made-up names would be more. */
const mostClients = 200;
/** Clients that a message names. */
const mostNamed = 8;

/**
 * The filter with the client's own spelling of its name.
 * @throws InputError for a client that has saved nothing: a model may have made up its name.
 */
export async function withKnownClient(store: MemoryStore, filter: Filter): Promise<Filter> {
	const { client } = filter;
	if (client === undefined || client === null) return filter;
	const { groups } = await store.memories.groups(viewerOf(filter), "client", mostClients);
	const names = groups.flatMap(({ key }) => key ?? []);
	const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, "");
	const known = names.find((name) => name === client) ?? names.find((name) => plain(name) === plain(client));
	if (known !== undefined) return { ...filter, client: known };
	const others =
		names.length > 0
			? `The clients that have are ${names.slice(0, mostNamed).join(", ")}.`
			: "No client is known of any memory.";
	throw new InputError(
		"client",
		`No memory comes from a client ${JSON.stringify(client.slice(0, 100))}. ${others}`,
	);
}
