/**
 * One of the processes of `indexProcesses.test.ts`: changes memories as it is told, and answers what its own index
 * finds. `node indexActor.ts FOLDER`; talks over IPC.
 */
import { fileURLToPath } from "node:url";
import type { EmbeddingSpace } from "../../src/config/embeddingSpace.ts";
import type { Filter, MemoryStore } from "../../src/store/memoryStore.ts";
import { openStore } from "../../src/store/sqliteStore.ts";
import { nearMemories } from "./nearMemories.ts";

export const dimensions = 64;
export const spaces: readonly EmbeddingSpace[] = ["old", "new"].map((model) => ({
	provider: "test",
	origin: "",
	model,
	dimensions,
}));
export const projects = [undefined, { id: "alpha", name: "alpha" }, { id: "beta", name: "beta" }] as const;

export type Order =
	| { readonly kind: "add"; readonly text: string; readonly space: number; readonly project: number }
	| { readonly kind: "update"; readonly id: string; readonly text: string; readonly space: number }
	/** Without a vector: it follows later. */
	| { readonly kind: "forgetVector"; readonly id: string; readonly text: string }
	| { readonly kind: "delete"; readonly id: string }
	| { readonly kind: "restore"; readonly id: string }
	| { readonly kind: "embed"; readonly id: string; readonly space: number }
	| { readonly kind: "burst" }
	| {
			readonly kind: "ask";
			readonly text: string;
			readonly space: number;
			readonly filter: Filter;
			readonly k: number;
	  };

export type Answer = readonly string[];

/** A direction that only depends on the text and the space, of length 1. */
export function vectorOf(text: string, space: number): Float32Array {
	let state = 2_166_136_261 + space;
	for (const character of text) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619) >>> 0;
	const vector = Float32Array.from({ length: dimensions }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state >>> 8) / 2 ** 24 - 0.5;
	});
	const length = Math.hypot(...vector);
	return vector.map((value) => value / length);
}

/** Does what it is told; answers the ids it made or found. */
export async function act(store: MemoryStore, order: Order): Promise<Answer> {
	const { memories, vectors } = store;
	const spaceOf = (number: number) => spaces[number] as EmbeddingSpace;
	switch (order.kind) {
		case "add": {
			const project = projects[order.project];
			const { memory } = await memories.add({
				text: order.text,
				userId: "ada",
				...(project ? { scope: "project", project } : { scope: "global" }),
				createdAt: 1000,
				vector: { space: spaceOf(order.space), values: vectorOf(order.text, order.space) },
			});
			return [memory.id];
		}
		case "update": {
			const vector = { space: spaceOf(order.space), values: vectorOf(order.text, order.space) };
			await memories.update(order.id, "ada", order.text, vector);
			return [order.id];
		}
		case "forgetVector":
			await memories.update(order.id, "ada", order.text);
			return [order.id];
		case "delete":
			await memories.delete(order.id, "ada");
			return [order.id];
		case "restore":
			await memories.restore(order.id, "ada");
			return [order.id];
		case "embed": {
			const memory = memories.get(order.id, "ada");
			if (memory)
				await vectors.addAll(spaceOf(order.space), [{ memory, values: vectorOf(memory.text, order.space) }]);
			return [order.id];
		}
		case "burst":
			for (let number = 0; ; number += 1)
				await act(store, { kind: "add", text: `burst ${process.pid} ${number}`, space: 0, project: 0 });
		case "ask": {
			const query = { space: spaceOf(order.space), values: vectorOf(order.text, order.space) };
			return (await nearMemories(store, query, order.filter, order.k)).map(({ memory }) => memory.id);
		}
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { store } = await openStore(process.argv[2] ?? "");
	process.on("message", async (order: Order) => process.send?.(await act(store, order)));
	process.send?.([]);
}
