import type { Check } from "../findings.ts";
import type { ServerTarget } from "../serverTarget.ts";
import type { ChatTarget, EmbeddingTarget, Target } from "../target.ts";
import { chat } from "./chat/chat.ts";
import { contextLength } from "./chat/contextLength.ts";
import { json } from "./chat/json.ts";
import { batch } from "./embedding/batch.ts";
import { meaning } from "./embedding/meaning.ts";
import { prefixes } from "./embedding/prefixes.ts";
import { vectors } from "./embedding/vectors.ts";
import { auth } from "./endpoint/auth.ts";
import { baseUrl } from "./endpoint/baseUrl.ts";
import { dns } from "./endpoint/dns.ts";
import { models } from "./endpoint/models.ts";
import { tcp } from "./endpoint/tcp.ts";
import { tls } from "./endpoint/tls.ts";
import { way } from "./endpoint/way.ts";
import type { StorageTarget } from "./storage/storageTarget.ts";
import type { TeamTarget } from "./team/teamTarget.ts";

// All checks, in the order they run in. To add one, write its file and list it here.

/** Whether a server can be reached. */
export const transportChecks: readonly Check<ServerTarget>[] = [way, dns, tcp, tls];
/** Whether it can be used at all. */
export const connectionChecks: readonly Check<Target>[] = [...transportChecks, baseUrl, auth];
/** Of one role's model. */
export const modelChecks: readonly Check<Target>[] = [models];
export const chatChecks: readonly Check<ChatTarget>[] = [chat, json, contextLength];
export const embeddingChecks: readonly Check<EmbeddingTarget>[] = [vectors, prefixes, batch, meaning];

/** Loaded only when needed: they bring the whole memory with them. */
export async function serverChecks(): Promise<readonly Check<StorageTarget>[]> {
	const [{ roundTrip }, { folder }, { keptHere }, reaching, server] = await Promise.all([
		import("./storage/roundTrip.ts"),
		import("./storage/folder.ts"),
		import("./storage/keptHere.ts"),
		import("./storage/serverConnection.ts"),
		import("./storage/server.ts"),
	]);
	const { databaseName, databasePort, databaseEncryption, databaseLogin, connection, pooler } = reaching;
	const { serverVersion, privileges, connections, statementTimeout, clock, distance, indexes, size } = server;
	return [
		...[
			roundTrip,
			folder,
			keptHere,
			databaseName,
			databasePort,
			databaseEncryption,
			databaseLogin,
			connection,
		],
		...[serverVersion, privileges, connections, pooler, statementTimeout, clock, distance, indexes, size],
	];
}

/** Likewise, where the memory is in files. */
export async function storageChecks(): Promise<readonly Check<StorageTarget>[]> {
	const [
		{ roundTrip },
		{ folder, diskSpace },
		{ backups },
		{ database, setAside, processes, vectorSpace, waitingSaves },
	] = await Promise.all([
		import("./storage/roundTrip.ts"),
		import("./storage/folder.ts"),
		import("./storage/backups.ts"),
		import("./storage/database.ts"),
	]);
	return [roundTrip, folder, diskSpace, database, setAside, processes, vectorSpace, waitingSaves, backups];
}

/** Likewise, where a team's server has the memory. @param whole beyond the connection. */
export async function teamChecks(whole: boolean): Promise<readonly Check<TeamTarget>[]> {
	const [{ keptHere }, { answer }, { token }, server] = await Promise.all([
		import("./storage/keptHere.ts"),
		import("./team/answer.ts"),
		import("./team/token.ts"),
		import("./team/server.ts"),
	]);
	const { version, serverDatabase, serverRoundTrip, serverDistance, serverChanges } = server;
	const ofMemory = whole ? [serverDatabase, serverRoundTrip, serverDistance, serverChanges] : [];
	return [keptHere, ...transportChecks, answer, token, version, ...ofMemory];
}
