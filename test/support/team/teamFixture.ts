import { type Log, silentLog } from "../../../src/config/log.ts";
import { directly } from "../../../src/config/network.ts";
import type { OAuthConfig } from "../../../src/config/team.ts";
import { type HttpHost, type HttpHostOptions, startHttpHost } from "../../../src/mcp/hosts/http.ts";
import { createMcpServer } from "../../../src/mcp/server.ts";
import { addUser } from "../../../src/memory/access/accounts.ts";
import { SharedMemory } from "../../../src/memory/access/sharedMemory.ts";
import { RemoteMemory } from "../../../src/memory/remote/remoteMemory.ts";
import { createTeamClient } from "../../../src/memory/remote/teamClient.ts";
import type { MemoryStore } from "../../../src/store/memoryStore.ts";
import { lentEmbedder } from "../fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../fixtures/temporaryFolder.ts";
import { TestClock } from "../fixtures/testClock.ts";
import { openTestStore } from "../postgres/testStore.ts";

export interface TeamFixtureOptions extends Partial<HttpHostOptions> {
	/** Whether administrators accept what is shared. */
	readonly reviews?: boolean;
	readonly requestsPerMinute?: number;
	readonly oauth?: OAuthConfig;
	/** Of another run, which had it open before. */
	readonly folder?: string;
	readonly log?: Log;
}

/** A team's server in this process, over HTTP, and the memories that people elsewhere have on it. */
export async function startTeam({
	reviews = false,
	requestsPerMinute = 0,
	oauth,
	folder = temporaryFolder(),
	log = silentLog,
	...more
}: TeamFixtureOptions = {}) {
	const { store } = await openTestStore(folder);
	const clock = new TestClock();
	const embedder = lentEmbedder();
	const shared = new SharedMemory({ store, embedder, userId: "root", log, reviews });
	const opened: RemoteMemory[] = [];
	const memoryOf: NonNullable<HttpHostOptions["memory"]>["memoryOf"] = ({ actor }) =>
		actor ? shared.of(actor) : shared.own;
	const host: HttpHost = await startHttpHost({
		createSession: (caller) =>
			createMcpServer({
				memory: async () => memoryOf(caller),
				version: "1",
				log,
				project: async () => undefined,
			}),
		memory: {
			memoryOf,
			version: "1.2.3",
			probe: ({ actor }) => shared.probe(actor?.userId ?? "root"),
		},
		log,
		host: "127.0.0.1",
		port: 0,
		clock,
		team: { users: store.users, oauth, publicUrl: undefined, requestsPerMinute },
		...more,
	});
	const tokenOf = async (name: string, admin = false) => {
		const { token } = await addUser(store.users, name, { admin, renew: false });
		// The server reads the list of users every other second.
		await clock.pass(2500);
		return token;
	};
	return {
		host,
		store: store as MemoryStore,
		shared,
		clock,
		folder,
		tokenOf,
		/** The memory of somebody with a token of their own, elsewhere. */
		async person(name: string, { admin = false, url = host.url } = {}): Promise<RemoteMemory> {
			return this.withToken(await tokenOf(name, admin), url);
		},
		/** @param keeping the folder for what the server cannot take. */
		async withToken(token: string | undefined, url = host.url, keeping?: string): Promise<RemoteMemory> {
			const client = createTeamClient({ url, token, network: directly });
			const memory = await RemoteMemory.open({ client, log, ...(keeping ? { folder: keeping } : {}) });
			opened.push(memory);
			return memory;
		},
		/** What a program that is not ours sends. */
		async send(token: string, call: string, body: string, init: RequestInit = {}): Promise<Response> {
			return fetch(`${host.url}/memory/${call}`, {
				method: "POST",
				headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
				body,
				...init,
			});
		},
		async close(): Promise<void> {
			await Promise.all(opened.splice(0).map((memory) => memory.dispose()));
			await host.close();
			await shared.dispose();
		},
	};
}

export type Team = Awaited<ReturnType<typeof startTeam>>;
