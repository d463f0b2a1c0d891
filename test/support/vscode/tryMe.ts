/** What a person is asked to try in the window that `npm start` opens. The e2e test `tryMe.test.ts` does as it says. */
export const tryMe = {
	selected: "We deploy with make ship, from the main branch only, never on Fridays.",
	question: "how do we release?",
} as const;

export const tryMeFile = `# Try MCP Mem0

1. Select the next line, open the context menu, choose "Save Selection as Memory".

   ${tryMe.selected}

2. Press F1, run "Mem0: Search Memories" and type: ${tryMe.question}
3. Press F1, run "Mem0: Save Memory…" and add a fact of your own.
`;
