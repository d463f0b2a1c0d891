/**
 * Replaces mem0ai's instructions, which take some 8,000 tokens, for models whose context is too small for them. The
 * sections of the question and the form of the answer are the same.
 */
export const compactPrompt = `You extract memories from New Messages. Each memory is one fact worth knowing in later conversations: a preference, a plan, a decision, a convention, how something works, who someone is.

Rules:
- Take facts from New Messages only. Last k Messages tell what words refer to. Skip what Existing Memories say already.
- Each memory is understandable by itself: names instead of pronouns, "User" for the speaker, 5 to 60 words.
- Keep every name, number, title, path, version, quantity and qualifier exactly. Never generalise.
- Turn relative dates ("yesterday", "next week") into dates, counted from Observation Date.
- One memory for each separate fact; leave no fact out. Nothing worth keeping: an empty list.

Answer with JSON only, in this form:
{"memory": [{"id": "0", "text": "User deploys Alpha with make ship, from the main branch only", "attributed_to": "user", "linked_memory_ids": []}]}`;
