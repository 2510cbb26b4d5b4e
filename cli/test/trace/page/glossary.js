// What an event is called, and what it means to somebody who is learning Raft.

const MESSAGE_MEANING = {
  "append": "The leader asks a follower to add entries to its log. It names the entry before them " +
    "and its term; a follower that has no such entry refuses, so that equal places hold equal " +
    "histories (log matching).",
  "append reply": "The follower has the entries on its disk, or says where its log differs. The " +
    "leader counts an entry as committed once more than half of the nodes have it, and it is of " +
    "the leader's own term.",
  "heartbeat": "The leader says that it is there, so that nobody starts an election, and how far " +
    "the log is committed.",
  "heartbeat reply": "The follower still knows this leader. With replies from more than half, the " +
    "leader may answer reads: nobody else can have been elected before.",
  "vote": "A candidate asks for a vote in a new term. It gives the end of its log, because a " +
    "voter refuses whoever lacks entries that the voter has: they may be committed.",
  "vote reply": "A node gives one vote a term, and only after that vote is on its disk; else a " +
    "restart could make it vote twice.",
  "pre-vote": "A node that hears from no leader asks whether it could win before it disturbs the " +
    "others with a new term.",
  "pre-vote reply": "Nothing is promised yet. Whoever still hears from a leader says no.",
  "timeout now": "The leader hands over: the receiver is to start an election at once.",
  "snapshot": "A piece of a snapshot, for a follower that needs entries which the log has forgotten.",
  "snapshot reply": "How much of the snapshot is there.",
  "other": "",
};

const ROLE_MEANING = {
  "follower": "It takes entries from the leader of its term and votes. When it hears nothing for " +
    "an election timeout, it tries to become the leader itself.",
  "pre-candidate": "It heard from no leader for a while and asks whether an election would have a " +
    "chance. Its term has not changed.",
  "candidate": "It went to a new term, voted for itself and asks the others for their votes.",
  "leader": "More than half of the nodes voted for it in this term. It alone takes writes, and " +
    "sends them to all others.",
  "down": "The process is not running. What its disk had synced will be there when it returns.",
  "paused": "The process stands still and doesn't know it. When it wakes up, it believes what it " +
    "believed before.",
};

const LOST_MEANING = {
  "dropped": "dropped on the way",
  "cut": "the link between the two was cut",
  "corrupt": "the bytes were damaged; the receiver refused them",
  "receiver down": "nobody was there to receive it",
};

const TYPE_MEANING = {
  [COMMIT]: "The node learned that all entries up to this one are held by more than half of the " +
    "nodes. They will never change again, and are applied to its state.",
  [DISK]: "From the request until the disk said that it is safe. What a node says about its log " +
    "or its vote has to wait for this.",
  [OPERATION]: "From the client's request until its reply. Whatever took effect did so somewhere " +
    "in between: that is what makes a history linearizable.",
};

// The invariants of Raft and of this store, by the names that a failure gives.
const INVARIANT_MEANING = {
  "election safety": "At most one leader can be elected in a term. Two would both take writes, and " +
    "one of them would lose what it acknowledged.",
  "one vote a term": "A node votes for one candidate a term, also across restarts. With two votes, " +
    "two candidates can both have more than half.",
  "votes are durable": "A vote counts only when it is on the voter's disk: after a restart it could " +
    "give another one in the same term.",
  "log matching": "When two logs hold an entry with the same index and term, they are equal up to " +
    "there. Everything else in Raft is built on this.",
  "leader completeness": "Whoever is elected has every entry that was committed before. That is why " +
    "voters refuse candidates with shorter logs.",
  "state machine safety": "What one node applied at an index, no other node ever applies " +
    "differently there.",
  "committed entries stay": "What is committed is never removed or changed.",
  "durability": "What a client was told is done is on the disks of more than half of the nodes at " +
    "that very moment.",
  "accepted entries are durable": "A follower says that it has entries only when its disk has them.",
  "durable on a majority before it counts": "An entry is committed once more than half have it on " +
    "their disks, and not just in their memory.",
  "linearizability": "There is an order of all operations, each taking effect at once somewhere " +
    "between its request and its reply, that explains every reply.",
  "no stale read": "A read returns nothing older than what was acknowledged before it began.",
  "equal states": "Replicas that have applied the same entries are equal.",
  "a stable leader once all is healed": "When no fault is left, one leader is found soon, and stays.",
};

function textOf(trace, id) {
  return id === NONE ? "" : shown(trace.texts[id]);
}

function nodeName(node) {
  return "node " + node;
}

function faultPlace(event, i) {
  if (event.node[i] === NONE) return "the cluster";
  if (event.peer[i] === NONE) return nodeName(event.node[i]);
  return nodeName(event.node[i]) + " → " + nodeName(event.peer[i]);
}

// The kind of an event in a word or two; what `kind:` in a filter looks at.
function kindOf(trace, i) {
  const { event } = trace;
  switch (event.type[i]) {
    case MESSAGE: return trace.message_names[event.kind[i]];
    case ROLE: return trace.role_names[event.kind[i]];
    case FAULT: return textOf(trace, event.more[i]) || "fault";
    case COMMIT: return "commit";
    case DISK: return "disk";
    case OPERATION: return "client";
    case NOTE: return "note";
    default: return "failure";
  }
}

// A line that names an event: "append, node 0 → node 2".
function titleOf(trace, i) {
  const { event } = trace;
  const kind = kindOf(trace, i);
  switch (event.type[i]) {
    case MESSAGE: return kind + ", " + nodeName(event.node[i]) + " → " + nodeName(event.peer[i]);
    case ROLE: return nodeName(event.node[i]) + ": " + kind + " in term " + event.term[i];
    case FAULT: return kind + ", " + faultPlace(event, i);
    case COMMIT: return nodeName(event.node[i]) + " commits " + event.index[i];
    case DISK: return "disk of " + nodeName(event.node[i]);
    case OPERATION: return "client " + event.client[i] + " → " +
      (event.node[i] === NONE ? "nobody" : nodeName(event.node[i]));
    case NOTE: return event.node[i] === NONE ? "note" : "note, " + nodeName(event.node[i]);
    default: return "the failure";
  }
}

function meaningOf(trace, i) {
  const { event } = trace;
  if (event.type[i] === MESSAGE) return MESSAGE_MEANING[trace.message_names[event.kind[i]]];
  if (event.type[i] === ROLE) return ROLE_MEANING[trace.role_names[event.kind[i]]];
  if (event.type[i] === FAILURE) return invariantMeaning(trace.failure.invariant);
  return TYPE_MEANING[event.type[i]] || "";
}

function invariantMeaning(name) {
  return Object.hasOwn(INVARIANT_MEANING, name) ? INVARIANT_MEANING[name] : "";
}

// How an operation ended, told from its reply.
function outcomeOf(trace, i) {
  const { event } = trace;
  if (!event.ended[i]) return "unknown";
  const reply = event.more[i] === NONE ? "" : trace.texts[event.more[i]];
  return /^\S*(ERR|ERROR)/.test(reply) ? "refused" : "done";
}
