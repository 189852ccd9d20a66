/** Makes an element: no markup is ever parsed, so no event's text can become a part of the page.
 * @param {string} tag @param {string} className @param {readonly (Node | string)[]} children */
export function element(tag, className, ...children) {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...children)
  return made
}
