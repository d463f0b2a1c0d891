import type { EmbeddingSpace } from "../../vectors/embeddingSpace.ts";
import type { Spaces } from "../memoryStore.ts";
import type { Database } from "./database.ts";
import { eraseKept, keepVector, vectorOfText } from "./keptVectors.ts";
import { selectMemories } from "./rows.ts";
import { type Group, groupsOutside } from "./tallies.ts";
import {
	addSpace,
	addVector,
	insertSpace,
	lacksVector,
	needsVector,
	spaceId,
	spaceParameters,
	spaceUse,
} from "./vectors.ts";

/** A memory whose text is being distilled: the worker embeds it, too, if it still needs a vector then. */
const isClaimed =
	"EXISTS (SELECT 1 FROM journal j WHERE j.id = m.save_id AND j.distil = 'pending' AND j.claimed_by IS NOT NULL)";

/** A group of memories that need a vector in a space: those above a `seq`, with a condition on `memories m`. */
const inGroup = `m.user_id = :user AND m.spaces = :spaces AND m.meant_for IS :meantFor AND m.deleted_at IS NULL
	AND m.seq > :above`;

export function sqliteSpaces(database: Database): Spaces {
	/** The memories that need a vector in the space, as `needsVector` says. */
	const groupsToEmbed = (userId: string, space: EmbeddingSpace | undefined) => {
		const { space: id, since, everything, destination } = spaceParameters(database, userId, space);
		const outside = groupsOutside(database, userId, id);
		const may = ({ meantFor }: Group) => meantFor === null || meantFor === destination || destination === "";
		const toEmbed = everything === 1 ? outside : outside.filter(may);
		return toEmbed.map(({ n, ...group }) => ({
			n,
			parameters: { user: userId, ...group, above: everything === 1 || group.spaces === "" ? 0 : since },
		}));
	};

	return {
		async adopt(userId, space, everything = false) {
			const use = spaceUse(database, userId, spaceId(database, space) ?? 0);
			if (use && (use.reembed === 1 || !everything)) return;
			await database.write(() => {
				const id = insertSpace(database, userId, space);
				const sql = "UPDATE space_users SET reembed = 1 WHERE space = :id AND user_id = :userId";
				if (everything) database.run(sql, { id, userId });
			});
		},

		async leaveRest(userId, space) {
			await database.write(() =>
				database.run(
					`UPDATE space_users SET reembed = 0, since_seq = (SELECT coalesce(max(seq), 0) FROM memories)
					WHERE space = :id AND user_id = :userId`,
					{ id: spaceId(database, space) ?? 0, userId },
				),
			);
		},

		async missing(userId, space, limit, below = Number.MAX_SAFE_INTEGER) {
			const newest = ({ parameters }: ReturnType<typeof groupsToEmbed>[number]) =>
				selectMemories(
					database,
					`FROM memories m INDEXED BY memories_spaces WHERE ${inGroup} AND m.seq < :below AND NOT ${isClaimed}
					ORDER BY m.seq DESC LIMIT :limit`,
					{ ...parameters, below, limit },
				);
			return database.read(() =>
				groupsToEmbed(userId, space)
					.flatMap(newest)
					.sort((one, other) => other.seq - one.seq)
					.slice(0, limit),
			);
		},

		progress: async (userId, space) =>
			database.read(() => {
				const id = spaceId(database, space) ?? 0;
				const outside = sum(groupsOutside(database, userId, id).map(({ n }) => n));
				const needed = groupsToEmbed(userId, space).map(({ n, parameters }) => {
					const sql = `SELECT count(*) AS n FROM memories m INDEXED BY memories_spaces WHERE ${inGroup}`;
					return parameters.above === 0 ? n : database.number(sql, parameters);
				});
				const claimed = database.number(
					`SELECT count(*) AS n FROM journal j CROSS JOIN memories m INDEXED BY memories_save ON m.save_id = j.id
					WHERE j.distil = 'pending' AND j.claimed_by IS NOT NULL
					AND m.user_id = :user AND ${lacksVector} AND ${needsVector}`,
					spaceParameters(database, userId, space),
				);
				return {
					inUse: spaceUse(database, userId, id) !== undefined,
					missing: sum(needed) - claimed,
					outside,
					older: outside - sum(needed),
				};
			}),

		async vectorsOf(space, texts) {
			const id = spaceId(database, space);
			if (id === undefined) return texts.map(() => undefined);
			return database.read(() => texts.map((text) => vectorOfText(database, id, text)));
		},

		async keep(space, vectors) {
			await database.write(() => {
				const id = addSpace(database, space);
				for (const { text, values } of vectors) keepVector(database, id, text, values);
				eraseKept(database, 0);
			});
		},

		async addVectors(space, vectors) {
			await database.write(() => {
				for (const { memory, values } of vectors) addVector(database, memory, { space, values });
			});
		},
	};
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
