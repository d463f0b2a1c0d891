import assert from "node:assert/strict";
import type { BuiltinEmbedder } from "../../src/endpoints/builtinEmbedder.ts";
import { InputError } from "../../src/memory/errors.ts";
import type { MemoryService } from "../../src/memory/memoryService.ts";
import type { MemoryStore } from "../../src/store/memoryStore.ts";
import { builtinEmbedder, openService, temporaryFolder } from "./fixtures.ts";

/** What the tests of one suite work with: one model for all of them, a database of its own for each. */
export interface ServiceFixture {
	embedder: BuiltinEmbedder;
	folder: string;
	service: MemoryService;
	store: MemoryStore;
}

/** Registers mocha's hooks; the fixture is filled before each test. */
export function serviceFixture(): ServiceFixture {
	const fixture = {} as ServiceFixture;
	before(() => {
		fixture.embedder = builtinEmbedder();
	});
	after(() => fixture.embedder.dispose());
	beforeEach(async () => {
		fixture.folder = temporaryFolder();
		Object.assign(fixture, await openService(fixture.folder, fixture.embedder));
	});
	afterEach(() => fixture.service.dispose());
	return fixture;
}

/** The texts a search finds, best first. */
export async function foundTexts(
	{ service }: ServiceFixture,
	query: string,
	more: object = {},
): Promise<string[]> {
	return (await service.search({ query, ...more })).memories.map(({ text }) => text);
}

/** Checks that an InputError about a field was thrown, and what it says. */
export function invalid(field: string, pattern: RegExp) {
	return (error: unknown) => {
		assert.ok(error instanceof InputError, String(error));
		assert.equal(error.field, field);
		assert.match(error.message, pattern);
		return true;
	};
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
