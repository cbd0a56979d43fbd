package org.parley.core.spi;

import java.util.concurrent.CompletionStage;

/** Numbers the lives of nodes, so that a grant tells which life it was made in. */
public interface EpochStore {
  /** A number that no life of any node has had, greater than all before it; from 1. */
  CompletionStage<Long> next();
}
