/* Keeps every file of the site, so that it works without a network once it has been loaded. The list and its version
 * are written when the site is built; a new version is fetched as a whole and takes the place of the old one. */

importScripts("files.js");

const { version, files } = self.SITE;
const family = `planet-card-phone ${self.registration.scope} `;
const name = family + version;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(name);
    // asks whether what the browser has is still current, which costs no second download of what just was loaded
    await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((other) => other.startsWith(family) && other !== name);
    await Promise.all(old.map((other) => caches.delete(other)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  const find = async () => {
    const cache = await caches.open(name);
    return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
  };
  event.respondWith(find());
});
