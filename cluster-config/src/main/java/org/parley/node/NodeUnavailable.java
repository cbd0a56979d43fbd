package org.parley.node;

/** Why a node cannot start, in one sentence for its operator. */
public final class NodeUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NodeUnavailable(String sentence) {
    super(sentence);
  }

  NodeUnavailable(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
