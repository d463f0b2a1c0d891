import type { ChatMessages } from "../../endpoints/chatModel.ts";

export type Vector = ArrayLike<number>;

/** What the extractor may ask for while it works on one text. */
export interface ExtractionPorts {
	readonly text: string;
	/** Earlier texts of the same conversation, oldest first. */
	readonly before: readonly string[];
	/** A missing vector never fails an extraction: it is empty. */
	embedText(): Promise<Vector>;
	embedFacts(texts: readonly string[]): Promise<Vector[]>;
	/** Memories similar to the text, so that the facts do not repeat them. */
	existing(): Promise<readonly { readonly id: string; readonly text: string }[]>;
	/** Answers with JSON in the form that the prompt asks for. */
	chat(messages: ChatMessages): Promise<string>;
}

export interface ExtractedFact {
	readonly text: string;
	/** From `embedFacts`. */
	readonly vector: Vector;
}

/** A name that facts mention. */
export interface Mention {
	readonly text: string;
	readonly type: string;
	readonly facts: readonly ExtractedFact[];
}

/** Finds the facts in a text, and the names in facts. Implemented by mem0ai; see mem0.ts. */
export interface Extractor {
	/** @throws whatever the ports threw. */
	facts(ports: ExtractionPorts): Promise<{ facts: readonly ExtractedFact[]; mentions: readonly Mention[] }>;
	/** The names in a text; asks no model. */
	mentions(text: string): Promise<readonly Mention[]>;
}
