import assert from "node:assert/strict";
import type { Provider } from "../../../src/config/providers.ts";
import { isPrivateHost, readEndpointUrl } from "../../../src/config/urls.ts";

describe("The base URL of an endpoint", () => {
	const table: readonly (readonly [
		given: string,
		url: string,
		said: RegExp | undefined,
		provider?: Provider,
	])[] = [
		["http://db-server.local:8009/v1", "http://db-server.local:8009/v1", undefined],
		["https://your-proxy.example/openai/v1", "https://your-proxy.example/openai/v1", undefined],
		["http://localhost:8009", "http://localhost:8009", undefined],
		["HTTP://LocalHost:8009/V1", "http://localhost:8009/V1", undefined],
		["http://localhost:8009/v1/", "http://localhost:8009/v1", /extra slashes were dropped/],
		["http://localhost:8009//v1//", "http://localhost:8009/v1", /extra slashes/],
		[
			"http://localhost:8009/v1/chat/completions",
			"http://localhost:8009/v1",
			/\/chat\/completions was dropped/,
		],
		["http://localhost:8009/v1/embeddings/", "http://localhost:8009/v1", /\/embeddings was dropped/],
		["http://localhost:8009/v1/models", "http://localhost:8009/v1", /\/models was dropped/],
		["http://localhost:8009/v1/v1", "http://localhost:8009/v1", /doubled \/v1/],
		[
			"http://localhost:8009/v1/v1/embeddings",
			"http://localhost:8009/v1",
			/embeddings was dropped.*doubled \/v1/,
		],
		["localhost:8009/v1", "http://localhost:8009/v1", /scheme was missing, http is used/],
		["db-server/v1", "http://db-server/v1", /scheme was missing, http is used/],
		["192.168.1.7/v1", "http://192.168.1.7/v1", /scheme was missing, http is used/],
		["api.example.com/v1", "https://api.example.com/v1", /scheme was missing, https is used/],
		["api.example.com:443/v1", "https://api.example.com/v1", /https is used/],
		[
			"https://api.example.com/v1?key=1#top",
			"https://api.example.com/v1",
			/everything after the path was dropped/,
		],
		["http://localhost:11434", "http://localhost:11434/v1", /\/v1 was added/, "ollama"],
		["http://localhost:11434/api", "http://localhost:11434/v1", /\/v1 was added/, "ollama"],
		["http://localhost:11434/v1", "http://localhost:11434/v1", undefined, "ollama"],
		["https://x.openai.azure.com/", "https://x.openai.azure.com", undefined, "azure"],
		[
			"https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=1",
			"https://x.openai.azure.com",
			/path of the deployment was dropped/,
			"azure",
		],
	];
	for (const [given, url, said, provider = "openai"] of table) {
		it(`${given} is ${given === url ? "used as it is" : url}${said ? ", and the notice says so" : ""}`, () => {
			const read = readEndpointUrl(given, provider);
			assert.ok(typeof read === "object", String(read));
			assert.equal(read.url, url);
			if (said) assert.match(read.corrections.join("; "), said);
			else assert.deepEqual(read.corrections, []);
		});
	}

	for (const given of ["ftp://x/v1", "file:///etc", "http://", "http://a b/v1", "://", "javascript://x"]) {
		it(`${given} is refused`, () => {
			assert.match(String(readEndpointUrl(given, "openai")), /an http or https URL/);
		});
	}

	it("is refused with a user name and password in it", () => {
		const refused = readEndpointUrl("https://ada:secret@example.com/v1", "openai");
		assert.match(String(refused), /without user name and password/);
		assert.doesNotMatch(String(refused), /secret/);
	});
});

describe("A private host", () => {
	const near = [
		"localhost",
		"127.0.0.1",
		"[::1]",
		"10.1.2.3",
		"172.16.0.1",
		"172.31.9.9",
		"192.168.0.5",
		"127.9.9.9",
		"api.localhost",
		"box.local",
		"box.local.",
		"[::ffff:a01:203]",
		"nas.lan",
		"fd00::1",
		"nas.home.arpa",
	];
	const far = [
		"example.com",
		"8.8.8.8",
		"172.32.0.1",
		"11.0.0.1",
		"localhost.example.com",
		"fdomain.com",
		"2606:4700::1",
		"0.0.0.0",
		"[::]",
		"169.254.169.254",
		"169.254.1.1",
		"fe80::1",
		"fd00:ec2::254",
		"fd::1",
		"[::ffff:808:808]",
		"[::ffff:a9fe:a9fe]",
		"metadata.google.internal",
		"models.internal",
		"local",
		"notlocalhost",
		"10.example.com",
		"10.0.0.1.example.com",
		"192.168.0.1.nip.io",
		"100.64.0.1",
		"224.0.0.1",
		"",
	];
	for (const host of near) it(`is ${host}`, () => assert.ok(isPrivateHost(host)));
	for (const host of far) it(`is not ${host}`, () => assert.ok(!isPrivateHost(host)));
});
