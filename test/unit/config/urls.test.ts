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
		["http:/host:8009/v1", "http://host:8009/v1", /“http:\/” was read as http:\/\//],
		["http:host/v1", "http://host/v1", /“http:” was read/],
		["http//host/v1", "http://host/v1", /was read as http/],
		["https//:host/v1", "https://host/v1", /was read as https/],
		["http;//host/v1", "http://host/v1", /was read as http/],
		["https:///host/v1", "https://host/v1", /was read as https/],
		["http://http://host/v1", "http://host/v1", /doubled scheme/],
		["http://https://host/v1", "https://host/v1", /doubled scheme/],
		["//host/v1", "http://host/v1", /scheme was missing/],
		["http:\\\\host\\v1", "http://host/v1", /backslashes/],
		["http：／／host：8009／v1", "http://host:8009/v1", /full-width/],
		["“http://host/v1”,", "http://host/v1", /punctuation around/],
		["http://host/v1.", "http://host/v1", /punctuation around/],
		["http://db–server/v1", "http://db-server/v1", /dashes/],
		["http://\u200bhost\ufeff/v1", "http://host/v1", /invisible/],
		["http:// host:8009 /v1", "http://host:8009/v1", /spaces/],
		["http://[::1]:8009/v1", "http://[::1]:8009/v1", undefined],
		["http://localhost:8009/v1/chat", "http://localhost:8009/v1", /\/chat was dropped/],
		["http://localhost:3000/api", "http://localhost:3000/api", undefined],
		["http://localhost:11434", "http://localhost:11434/v1", /\/v1 was added/, "ollama"],
		["http://localhost:11434/api", "http://localhost:11434/v1", /\/v1 was added/, "ollama"],
		["http://localhost:11434/v1", "http://localhost:11434/v1", undefined, "ollama"],
		["http://localhost:11434/api/generate", "http://localhost:11434/v1", /\/v1 was added/],
		["https://x.openai.azure.com/", "https://x.openai.azure.com", undefined, "azure"],
		["https://x.openai.azure.com/openai", "https://x.openai.azure.com", /shortened/, "azure"],
		["https://x.openai.azure.com/openai/v1", "https://x.openai.azure.com/openai/v1", undefined, "azure"],
		["https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1", /slashes/],
		["https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1", /was added/],
		[
			"https://x.cognitiveservices.azure.com/openai",
			"https://x.cognitiveservices.azure.com/openai/v1",
			/added/,
		],
		[
			"https://x.services.ai.azure.com/models/chat/completions?api-version=1",
			"https://x.services.ai.azure.com/openai/v1",
			/\/openai\/v1 is used/,
		],
		[
			"https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=1",
			"https://x.openai.azure.com/openai/deployments/gpt?api-version=1",
			/\/chat\/completions was dropped/,
			"azure",
		],
	];
	for (const [given, url, said, provider = "openai"] of table) {
		it(`${given} is ${given === url ? "used as it is" : url}${said ? ", and the notice says so" : ""}`, () => {
			const read = readEndpointUrl(given, provider);
			assert.ok("url" in read, JSON.stringify(read));
			assert.equal(read.url, url);
			if (said) assert.match(read.corrections.join("; "), said);
			else assert.deepEqual(read.corrections, []);
		});
	}

	for (const given of [
		"ftp://x/v1",
		"file:///etc",
		"http://",
		"http://a b/v1",
		"://",
		"javascript://x",
		"/v1",
		"http:///v1",
		"http://192.168.1:8000",
		"http://a/v1,http://b/v1",
		"http://host:8000:8000/v1",
	]) {
		it(`${given} is refused`, () => {
			assert.match(JSON.stringify(readEndpointUrl(given, "openai")), /an http or https URL/);
		});
	}

	const proposals: readonly (readonly [given: string, meant: string])[] = [
		["htp://host/v1", "http://host/v1"],
		["htps://host/v1", "https://host/v1"],
		["ttp//host/v1", "http://host/v1"],
		["htp:/host/v1", "http://host/v1"],
		["http://::1:8009/v1", "http://[::1]:8009/v1"],
		["2001:db8::1", "http://[2001:db8::1]"],
		[":8000/v1", "http://localhost:8000/v1"],
		["http://8000/v1", "http://localhost:8000/v1"],
		["http://host:8000v1", "http://host:8000/v1"],
		["http://host/v1 # the big one", "http://host/v1"],
		["LLM_BASE_URL=http://host/v1", "http://host/v1"],
	];
	for (const [given, meant] of proposals) {
		it(`${given} is refused, and ${meant} is proposed`, () => {
			const refused = readEndpointUrl(given, "openai");
			assert.ok("accepted" in refused);
			assert.equal(refused.meant, meant);
		});
	}

	for (const given of ["http://host:0/v1", "http://host:99999/v1"])
		it(`${given} is refused for its port`, () => {
			assert.match(JSON.stringify(readEndpointUrl(given, "openai")), /port from 1 to 65535/);
		});

	it("is mended once: what it was read as is read as it is", () => {
		for (const [, url, , provider = "openai"] of table)
			assert.deepEqual(readEndpointUrl(url, provider), { url, corrections: [] });
	});

	it("is refused with a user name and password in it", () => {
		const refused = readEndpointUrl("https://ada:secret@example.com/v1", "openai");
		assert.match(JSON.stringify(refused), /without user name and password/);
		assert.doesNotMatch(JSON.stringify(refused), /secret/);
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
