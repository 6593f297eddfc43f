/** Tags out of what somebody typed between commas. */
export const tagsOf = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((tag) => tag.trim())
    .filter(Boolean);
