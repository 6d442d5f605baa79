/** How much larger than usual the text of the page is: sizes in pixels go with it. */
export function textScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
