package org.parley.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.parley.core.api.ClusterView;

/** The nodes of the cluster, for those who run them. */
final class Members {
  private final Supplier<CompletionStage<ClusterView>> cluster;

  Members(Supplier<CompletionStage<ClusterView>> cluster) {
    this.cluster = cluster;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/v1/cluster", call -> cluster.get().thenApply(Answers::ok)));
  }
}
