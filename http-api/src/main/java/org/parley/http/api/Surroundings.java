package org.parley.http.api;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.parley.core.api.ClusterView;
import org.parley.core.api.Operators;

/**
 * What a node tells of itself over HTTP.
 *
 * @param metrics the text of {@code /metrics} in Prometheus' exposition format; quick
 * @param notReady the reasons why the node must get no requests yet; empty when it may
 * @param sandboxInbox the latest mails of the sandbox carrier, newest first; absent when there is
 *     no sandbox
 * @param operators the agents and carriers of all nodes
 * @param cluster the cluster as this node sees it; never fails
 */
public record Surroundings(
    Supplier<String> metrics,
    Supplier<CompletionStage<List<String>>> notReady,
    Optional<Supplier<List<SandboxMail>>> sandboxInbox,
    Operators operators,
    Supplier<CompletionStage<ClusterView>> cluster) {}
