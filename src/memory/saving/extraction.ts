import type { ChatMessages } from "../../endpoints/chatModel.ts";

export type Vector = ArrayLike<number>;

/** What the extractor may ask while it works on one text. */
export interface ExtractionPorts {
	readonly text: string;
	/** What was said before it in the same conversation, oldest first. */
	readonly before: readonly string[];
	/** Vectors never fail an extraction: an empty one stands for one that could not be made. */
	embedText(): Promise<Vector>;
	embedFacts(texts: readonly string[]): Promise<Vector[]>;
	/** Memories that are about the same as the text, whose vector is given, so that nothing is said twice. */
	existing(vector: Vector): Promise<readonly { readonly id: string; readonly text: string }[]>;
	/** Answers JSON of the form that the prompt asks for. */
	chat(messages: ChatMessages): Promise<string>;
}

export interface ExtractedFact {
	readonly text: string;
	/** What `embedFacts` gave for it. */
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
	mentions(ports: ExtractionPorts): Promise<readonly Mention[]>;
}
