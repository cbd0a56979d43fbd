package org.parley.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.parley.context.api.CustomerContexts;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Communication;
import org.parley.core.api.Ids;
import org.parley.core.api.Parley;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.http.Endpoint.Body;

/** Campaigns: submitted, changed, tried out, steered and watched. */
final class Campaigns {
  private static final int DEFAULT_SIMULATED = 1_000;
  private static final int MAX_SIMULATED = 10_000;
  private static final int MAX_EDITS = 3;

  private record Nothing() {}

  private record PreviewBody(
      Optional<String> stepId, Optional<String> customerId, Optional<ProfileBody> profile) {}

  private record TestSendBody(Optional<String> stepId, String customerId) {}

  private record SimulateBody(Optional<Integer> members) {}

  private final Parley parley;
  private final CustomerContexts contexts;

  Campaigns(Parley parley, CustomerContexts contexts) {
    this.parley = parley;
    this.contexts = contexts;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/v1/campaigns", this::create),
        Endpoint.get("/v1/campaigns", this::list).knowing("status", "cursor", "limit"),
        Endpoint.get("/v1/campaigns/{id}", this::show),
        Endpoint.patch("/v1/campaigns/{id}", this::edit),
        steering("start", parley::startCampaign),
        steering("pause", parley::pauseCampaign),
        steering("resume", parley::resumeCampaign),
        steering("cancel", parley::cancelCampaign),
        Endpoint.post("/v1/campaigns/{id}/preview", this::preview).reading(Body.OPTIONAL_JSON),
        Endpoint.post("/v1/campaigns/{id}/test-send", this::testSend),
        Endpoint.post("/v1/campaigns/{id}/simulate", this::simulate).reading(Body.OPTIONAL_JSON),
        Endpoint.get(
            "/v1/campaigns/{id}/progress",
            call -> parley.progress(call.id()).thenApply(Answers::ok)),
        Endpoint.get(
            "/v1/campaigns/{id}/performance",
            call -> parley.performance(call.id()).thenApply(Answers::ok)),
        Endpoint.get(
            "/v1/campaigns/{id}/latency", call -> parley.latency(call.id()).thenApply(Answers::ok)),
        Endpoint.get("/v1/campaigns/{id}/recipients", this::recipients)
            .knowing("state", "cursor", "limit"));
  }

  private CompletionStage<HttpResponse> create(Call call) {
    CampaignDefinition definition = call.read(CampaignBody.class).definition();
    return parley
        .createCampaign(Ids.campaign(call.seed()), definition)
        .thenApply(
            campaign ->
                Answers.tagged(
                    Answers.created("/v1/campaigns/" + campaign.id(), campaign),
                    campaign.version()));
  }

  private CompletionStage<HttpResponse> list(Call call) {
    Optional<CampaignStatus> status =
        call.query("status").map(s -> constant("status", CampaignStatus.class, s));
    return parley.campaigns(status, call.cursor(), call.limit()).thenApply(Answers::ok);
  }

  private CompletionStage<HttpResponse> show(Call call) {
    return parley
        .campaign(call.id())
        .thenApply(
            campaign -> {
              HttpResponse answer =
                  EntityTag.isKnown(call.request(), campaign.version())
                      ? HttpResponse.create().withStatus(304)
                      : Answers.ok(campaign);
              return Answers.tagged(answer, campaign.version());
            });
  }

  /** Changes a campaign by a merge patch (RFC 7396) over its definition. */
  private CompletionStage<HttpResponse> edit(Call call) {
    JsonNode patch = call.read(JsonNode.class);
    if (!(patch instanceof ObjectNode fields)) throw JsonFaults.nothing();
    return edit(call, fields, EntityTag.ifMatch(call.request()), MAX_EDITS)
        .thenApply(campaign -> Answers.tagged(Answers.ok(campaign), campaign.version()));
  }

  /** Without If-Match a change in between is no conflict: the patch is laid over the newer one. */
  private CompletionStage<CampaignView> edit(
      Call call, ObjectNode patch, Optional<Long> ifVersion, int triesLeft) {
    CompletionStage<CampaignView> edited =
        parley
            .campaign(call.id())
            .thenCompose(
                current -> {
                  JsonNode merged = merge(Json.tree(current.definition()), patch);
                  CampaignDefinition definition =
                      Json.read(merged, CampaignBody.class).definition();
                  return parley.editCampaign(
                      call.id(), ifVersion.or(() -> Optional.of(current.version())), definition);
                });
    if (ifVersion.isPresent() || triesLeft == 1) return edited;
    return edited
        .handle(
            (campaign, failure) -> {
              if (failure == null) return edited;
              if (isStale(failure)) return edit(call, patch, ifVersion, triesLeft - 1);
              throw new CompletionException(Problems.unwrap(failure));
            })
        .thenCompose(Function.identity());
  }

  private static boolean isStale(Throwable failure) {
    return Problems.unwrap(failure) instanceof RefusedException refused
        && refused.refusal().kind() == Refusal.Kind.STALE;
  }

  private static JsonNode merge(JsonNode target, ObjectNode patch) {
    ObjectNode merged = target instanceof ObjectNode object ? object : patch.objectNode();
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      if (field.getValue().isNull()) {
        merged.remove(field.getKey());
      } else if (field.getValue() instanceof ObjectNode inner) {
        merged.set(field.getKey(), merge(merged.path(field.getKey()), inner));
      } else {
        merged.set(field.getKey(), field.getValue());
      }
    }
    return merged;
  }

  private static Endpoint steering(
      String verb, Function<String, CompletionStage<CampaignView>> steer) {
    return Endpoint.post(
            "/v1/campaigns/{id}/" + verb,
            call -> {
              Nothing unused = call.read(Nothing.class);
              return steer
                  .apply(call.id())
                  .thenApply(c -> Answers.tagged(Answers.ok(c), c.version()));
            })
        .reading(Body.OPTIONAL_JSON);
  }

  private CompletionStage<HttpResponse> preview(Call call) {
    PreviewBody wanted = call.read(PreviewBody.class);
    Profile otherwise =
        wanted.profile.map(body -> body.profile(Instant.now())).orElse(Profile.EMPTY);
    return parley
        .preview(call.id(), wanted.stepId, wanted.customerId, otherwise)
        .thenApply(Answers::ok);
  }

  private CompletionStage<HttpResponse> testSend(Call call) {
    TestSendBody wanted = call.read(TestSendBody.class);
    return parley
        .testSend(Ids.message(call.seed()), call.id(), wanted.stepId, wanted.customerId)
        .whenComplete((sent, failure) -> contexts.forget(wanted.customerId))
        .thenApply(Messages::accepted);
  }

  private CompletionStage<HttpResponse> simulate(Call call) {
    int members = call.read(SimulateBody.class).members.orElse(DEFAULT_SIMULATED);
    if (members < 1 || members > MAX_SIMULATED) {
      throw Fault.badBody(
          "invalidBody",
          "/members must be 1 to " + MAX_SIMULATED + ".",
          List.of(new Refusal.Problem("/members", "must be 1 to " + MAX_SIMULATED)));
    }
    return parley.simulate(call.id(), members).thenApply(Answers::ok);
  }

  private CompletionStage<HttpResponse> recipients(Call call) {
    Optional<Communication.State> state =
        call.query("state").map(s -> constant("state", Communication.State.class, s));
    return parley.recipients(call.id(), state, call.cursor(), call.limit()).thenApply(Answers::ok);
  }

  /** A constant by its name in JSON. */
  private static <E extends Enum<E>> E constant(String parameter, Class<E> type, String name) {
    StringBuilder names = new StringBuilder();
    for (E constant : type.getEnumConstants()) {
      String known = jsonName(constant);
      if (known.equals(name)) return constant;
      names.append(names.isEmpty() ? "" : ", ").append(known);
    }
    throw Fault.badRequest("invalidQuery", parameter + " must be one of " + names + ".");
  }

  private static String jsonName(Enum<?> constant) {
    try {
      JsonProperty name =
          constant.getDeclaringClass().getField(constant.name()).getAnnotation(JsonProperty.class);
      return name == null ? constant.name() : name.value();
    } catch (NoSuchFieldException e) {
      throw new AssertionError("a constant is a field", e);
    }
  }
}
