/* Elements in one expression each. */

/**
 * @param {string} tag
 * @param {Object<string, string|number|boolean>} attributes - true sets an empty one, false leaves it out
 * @param {...(Node|string)} children
 * @returns {Element}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}
