import assert from "node:assert/strict";
import { redactor } from "../../../src/config/redact.ts";
import { serverMessage } from "../../../src/endpoints/openai/serverMessage.ts";

describe("What a server says went wrong", () => {
	const shapes: readonly (readonly [name: string, body: string, message: string | undefined])[] = [
		["nested", '{"error":{"message":"No such model","type":"x","code":"y"}}', "No such model"],
		[
			"a string",
			'{"error":"Unexpected endpoint or method. (POST /x)"}',
			"Unexpected endpoint or method. (POST /x)",
		],
		["flat", '{"object":"error","message":"Too long","code":400}', "Too long"],
		["FastAPI's detail", '{"detail":"Not Found"}', "Not Found"],
		[
			"FastAPI's validation, without the input it quotes",
			'{"detail":[{"loc":["body","input"],"msg":"too long","input":"the secret plan"}]}',
			"body.input: too long",
		],
		[
			"a web page",
			"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>",
			"502 Bad Gateway",
		],
		["plain text", "Unauthorized\n", "Unauthorized"],
		["a JSON string", '"Model is loading"', "Model is loading"],
		["only a code", '{"error":{"code":"DeploymentNotFound"}}', "DeploymentNotFound"],
		["nothing", "", undefined],
		["JSON without words", "[]", undefined],
	];
	for (const [name, body, message] of shapes)
		it(`is read from ${name}`, () => assert.equal(serverMessage(body, redactor([])).message, message));

	it("is repeated without keys and tokens", () => {
		const said = (message: string) =>
			serverMessage(JSON.stringify({ error: { message } }), redactor(["team-token-1"])).message;
		assert.equal(said("Incorrect API key provided: sk-abc123def456."), "Incorrect API key provided: (key)");
		assert.equal(said("Bad header Bearer abc"), "Bad header Bearer (key)");
		assert.equal(said("Unknown tenant team-token-1"), "Unknown tenant (key)");
	});

	it("is repeated without the texts that it quotes", () => {
		const text = "Ada's secret plan is to move to Lisbon in May";
		const said = (message: string) =>
			serverMessage(JSON.stringify({ error: message }), redactor([]), [text]).message;
		assert.equal(said(`Cannot embed "${text}" today`), 'Cannot embed "(…)" today');
		assert.equal(said("Cannot embed secret plan is to move"), "Cannot embed(…)");
		assert.equal(said("The plan is too long"), "The plan is too long");
	});

	it("is repeated without short texts and keys, however they are spelled in it", () => {
		const said = (message: string, secrets: string[], texts: string[] = []) =>
			serverMessage(JSON.stringify({ error: message }), redactor(secrets), texts).message;
		assert.equal(said("Cannot embed 'Ada ♥ Bob'", [], ["Ada ♥ Bob"]), "Cannot embed '(…)'");
		assert.equal(said('Cannot embed "say \\"hi\\" now"', [], ['say "hi" now']), 'Cannot embed "(…)');
		assert.equal(said("No tenant k7 in desk7", ["k7"]), "No tenant (key) in desk7");
		assert.equal(said('Bad header {"a":"x\\"y-token"}', ['x"y-token']), 'Bad header {"a":"(key)"}');
		assert.equal(said("GET /?key=a%2Fb%3Dc failed", ["a/b=c"]), "GET /?key=(key) failed");
	});

	it("is shortened to a line", () => {
		const { message = "" } = serverMessage(`first\nsecond ${"x".repeat(1000)}`, redactor([]));
		assert.match(message, /^first second x+…$/);
		assert.ok(message.length <= 301);
	});
});
