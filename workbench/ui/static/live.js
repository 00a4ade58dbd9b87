// The live socket: watch a race from a cursor, come back after a lost connection, miss nothing.

const PATIENCE = [250, 500, 1000, 2000, 4000]; // milliseconds before the next try

// onMessage gets {events, runs}; onLink gets whether the connection stands. Returns a function that ends it.
export function watch(race, onMessage, onLink) {
  let cursor = 0, tries = 0, socket = null, ended = false;

  function wish() {
    socket.send(JSON.stringify({ watch: race, after: cursor }));
  }

  function connect() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.onopen = () => {
      tries = 0;
      onLink(true);
      wish();
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.after > cursor) return wish(); // something was missed
      cursor = Math.max(cursor, message.upto);
      return onMessage(message);
    };
    socket.onclose = () => {
      if (ended) return;
      onLink(false);
      setTimeout(connect, PATIENCE[Math.min(tries, PATIENCE.length - 1)]);
      tries += 1;
    };
  }

  connect();
  return () => {
    ended = true;
    socket.close();
  };
}
