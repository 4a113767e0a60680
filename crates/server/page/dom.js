/** Finding and making elements. Texts, of guests above all, only ever become text nodes: nothing here reads HTML. */

/**
 * The element with this id.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof type)) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * An element with these attributes and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * The same, of a drawing.
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/**
 * Shows a text where another may be already. What does not change is left alone, so that selections stay.
 * @param {Element} where
 * @param {string} text
 */
export function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * Lists of choices are only replaced when they change, and what was chosen stays chosen.
 * @param {HTMLSelectElement} select
 * @param {string} version what tells this list of choices from others
 * @param {() => Node[]} choices
 */
export function choices(select, version, choices) {
  if (select.dataset['version'] === version) return;
  const { value } = select;
  select.dataset['version'] = version;
  select.replaceChildren(...choices());
  if ([...select.options].some((option) => option.value === value)) select.value = value;
}
