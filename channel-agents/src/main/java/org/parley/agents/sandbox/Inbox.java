package org.parley.agents.sandbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The newest messages; older ones fall out. Thread-safe. */
final class Inbox {
  private final int messages;
  private final ArrayDeque<SandboxMessage> newestLast = new ArrayDeque<>();

  Inbox(int messages) {
    this.messages = messages;
  }

  synchronized void add(SandboxMessage message) {
    if (messages == 0) return;
    if (newestLast.size() == messages) newestLast.removeFirst();
    newestLast.addLast(message);
  }

  synchronized List<SandboxMessage> newest(int count) {
    List<SandboxMessage> newest = new ArrayList<>(Math.min(count, newestLast.size()));
    Iterator<SandboxMessage> backwards = newestLast.descendingIterator();
    while (newest.size() < count && backwards.hasNext()) newest.add(backwards.next());
    return newest;
  }
}
