package org.parley.http;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.parley.core.api.AgentsView;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierView;
import org.parley.core.api.Operators;

/** The agents and carriers of all nodes, for those who run them. */
final class Carriers {
  /** The agents of all nodes. */
  private record AgentsBody(List<AgentsView> items) {}

  /** The carriers of all nodes. */
  private record CarriersBody(List<CarrierView> items) {}

  /** A body without content. */
  private record Nothing() {}

  private final Operators operators;

  Carriers(Operators operators) {
    this.operators = operators;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
            "/v1/agents",
            call -> operators.agents().thenApply(all -> Answers.ok(new AgentsBody(all)))),
        Endpoint.get(
            "/v1/carriers",
            call -> operators.carriers().thenApply(all -> Answers.ok(new CarriersBody(all)))),
        ordering("drain", CarrierOrder.DRAIN),
        ordering("resume", CarrierOrder.RESUME),
        ordering("trip", CarrierOrder.TRIP));
  }

  private Endpoint ordering(String verb, CarrierOrder order) {
    return Endpoint.post("/v1/carriers/{name}/" + verb, call -> order(call, order))
        .reading(Endpoint.Body.OPTIONAL_JSON);
  }

  private CompletionStage<HttpResponse> order(Call call, CarrierOrder order) {
    Nothing unused = call.read(Nothing.class);
    return operators.order(call.id(), order).thenApply(Answers::ok);
  }
}
