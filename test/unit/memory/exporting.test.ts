import assert from "node:assert/strict";
import fc from "fast-check";
import {
	type ExportedFile,
	type FileFormat,
	fileFormats,
	folderFormats,
} from "../../../src/memory/transfer/exporting.ts";
import { readFile } from "../../../src/memory/transfer/readFile.ts";
import type { ImportOutcome } from "../../../src/memory/transfer/transfer.ts";
import { openService, unreliable } from "../../support/fixtures/openService.ts";
import { projectA, projectB } from "../../support/fixtures/projects.ts";
import { sharedEmbedder } from "../../support/fixtures/sharedEmbedder.ts";
import { temporaryFolder } from "../../support/fixtures/temporaryFolder.ts";

/** A memory without vectors, which are not what is tested here. */
async function emptyMemory() {
	const embedder = Object.assign(unreliable(sharedEmbedder()), { failing: true });
	return openService(temporaryFolder(), embedder);
}

type Memory = Awaited<ReturnType<typeof emptyMemory>>;

async function exported({ service }: Memory, format: FileFormat = fileFormats.jsonl): Promise<string> {
	let text = "";
	for await (const part of format.parts(service)) text += part;
	return text;
}

async function imported({ service }: Memory, name: string, text: string): Promise<ImportOutcome["event"][]> {
	if (text === "") return [];
	const chunks = async function* () {
		yield Buffer.from(text);
	};
	const file = { name, size: text.length, isNamed: true, chunks };
	const readable = await readFile(file, { project: undefined, projectOf: async () => undefined });
	const requests = [];
	for await (const piece of readable?.pieces ?? []) {
		assert.equal(piece.problem, undefined);
		requests.push(...piece.requests);
	}
	const exactly = await service.transfer.isEmpty();
	return (await service.transfer.importAll(requests, { exactly })).map(({ event }) => event);
}

const words = fc
	.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
	.map((text) => `fact ${text.replaceAll("\0", "")}.`);
const time = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) });
const anyMemory = fc.record(
	{
		text: words,
		project: fc.constantFrom(undefined, projectA, projectB),
		pinned: fc.boolean(),
		expiresAt: fc.option(time, { nil: undefined }),
		createdAt: time,
		conversationId: fc.option(fc.constantFrom("c1", "c2"), { nil: undefined }),
		metadata: fc.option(
			fc.dictionary(fc.constantFrom("tags", "topic", "n"), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 }),
			{ nil: undefined },
		),
		newText: fc.option(words, { nil: undefined }),
		isSuperseded: fc.boolean(),
	},
	{ requiredKeys: ["text", "createdAt"] },
);

describe("An export", () => {
	it("as JSON lines has everything: imported into an empty memory, it is the same memory", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.uniqueArray(anyMemory, { maxLength: 6, selector: ({ text }) => text.toLowerCase() }),
				async (memories) => {
					const from = await emptyMemory();
					const to = await emptyMemory();
					try {
						let last: string | undefined;
						for (const { newText, isSuperseded, project, pinned, expiresAt, ...rest } of memories) {
							const scope = project ? "project" : "global";
							const own = {
								...(pinned ? { pinned } : {}),
								...(expiresAt === undefined ? {} : { expiresAt }),
							};
							const origin = { how: "cli", client: "test", file: "a.md", lines: [1, 2] } as const;
							await from.service.transfer.importAll([{ ...rest, scope, project, origin, ...own }], {
								exactly: true,
							});
							const [{ id = "" } = {}] = (
								await from.store.memories.list(
									{ userId: "ada", global: true, projects: "all", expired: "include", superseded: "include" },
									1,
									{ order: "newest" },
								)
							).memories;
							if (newText) await from.store.memories.change("ada", [{ id, text: newText }]);
							if (isSuperseded && last !== undefined && last !== id)
								await from.store.memories.change("ada", [{ id, supersededBy: last }]);
							last = id;
						}
						const lines = await exported(from);
						await imported(to, "memories.jsonl", lines);
						const parsed = (text: string) => text.split("\n").filter(Boolean).sort();
						assert.deepEqual(parsed(await exported(to)), parsed(lines));
						const events = await imported(to, "memories.jsonl", lines);
						assert.ok(
							events.every((event) => event === "DUPLICATE"),
							String(events),
						);
					} finally {
						await from.service.dispose();
						await to.service.dispose();
					}
				},
			),
			{ numRuns: 12 },
		);
	}).timeout(120_000);

	async function filled() {
		const memory = await emptyMemory();
		await memory.service.transfer.importAll([
			{
				text: "We deploy with `make ship`\n\n- from main\n- on Thursdays",
				scope: "project",
				project: projectA,
				metadata: { tags: ["ops"] },
			},
			{
				text: "---\nA rule, <!-- a comment --> and a/b:c?*",
				createdAt: Date.UTC(2025, 0),
				conversationId: "c",
			},
			{ text: "con" },
		]);
		return memory;
	}

	for (const [name, format] of Object.entries(folderFormats))
		it(`as ${name}: comes back as the same memories; edits update them, and conflicts are told`, async () => {
			const memory = await filled();
			const files: ExportedFile[] = [];
			for await (const file of format.files(memory.service)) files.push(file);
			assert.ok(
				files.every(({ name: path }) => /^[^<>:"|?*\\]+\.md$/.test(path) && !/(^|\/)con\b/i.test(path)),
			);
			const all = async (target: Memory) => {
				const events = [];
				for (const file of files) events.push(...(await imported(target, file.name, file.text)));
				return events;
			};
			assert.deepEqual(await all(memory), ["DUPLICATE", "DUPLICATE", "DUPLICATE"]);
			const other = await emptyMemory();
			assert.deepEqual(await all(other), ["ADD", "ADD", "ADD"]);
			const plain = async (target: Memory) =>
				(await exported(target))
					.split("\n")
					.filter(Boolean)
					.map((line) => {
						const { history: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
						return JSON.stringify(Object.entries(rest).sort());
					})
					.sort();
			assert.deepEqual(await plain(other), await plain(memory));

			for (const [index, file] of files.entries())
				files[index] = {
					...file,
					text: file.text.replace("make ship", "make deploy").replace("\ncon\n", "\ncon edited\n"),
				};
			const con = (await memory.service.list()).memories.find(({ text }) => text === "con");
			await memory.service.update(con?.id, "con changed here");
			assert.deepEqual((await all(memory)).sort(), ["CONFLICT", "DUPLICATE", "UPDATE"]);
			const texts = (await memory.service.list({ scope: "all" })).memories.map(({ text }) => text).sort();
			assert.deepEqual(texts.slice(1), [
				"We deploy with `make deploy`\n\n- from main\n- on Thursdays",
				"con changed here",
			]);
			assert.deepEqual((await all(memory)).sort(), ["CONFLICT", "DUPLICATE", "DUPLICATE"]);
			await memory.service.dispose();
			await other.service.dispose();
		});

	for (const format of ["server-memory", "mem0"] as const)
		it(`as ${format}: is read again by its importer`, async () => {
			const memory = await emptyMemory();
			const lines = '{"type":"entity","name":"Ada","entityType":"person","observations":["likes tea"]}\n';
			await imported(memory, "memory.jsonl", lines);
			await memory.service.transfer.importAll([
				{ text: "We deploy on Thursdays", scope: "project", project: projectA },
			]);
			const text = await exported(memory, fileFormats[format]);
			if (format === "server-memory") assert.ok(text.includes(lines), text);
			const other = await emptyMemory();
			assert.equal((await imported(other, "file", text)).filter((event) => event === "ADD").length, 2);
			await memory.service.dispose();
			await other.service.dispose();
		});
});
