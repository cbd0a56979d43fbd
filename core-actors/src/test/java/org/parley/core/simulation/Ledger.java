package org.parley.core.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.conversation.Folded;
import org.parley.core.simulation.Tally.Kind;
import org.parley.core.spi.Attempt;

/** What carriers saw, and whether it was what Parley promises. */
final class Ledger {
  /**
   * One message on the wire.
   *
   * @param grant where the grant stands in the customer's journal
   */
  record Sent(long at, Attempt attempt, boolean reached, int grant) {}

  private static final long LIFE_MILLIS = House.GRANT_LIFE.toMillis();

  private final World world;
  private final Map<CustomerKey, List<Sent>> sent = new LinkedHashMap<>();
  private final Map<CustomerKey, Map<Channel, Long>> optedOut = new HashMap<>();

  Ledger(World world) {
    this.world = world;
  }

  static String journalId(CustomerKey customer) {
    return "conversation|" + customer.entityId();
  }

  // ---- on the wire

  /** A message starts on the wire. */
  void sent(Machine machine, Attempt attempt, boolean reached) {
    world.tally().count(Kind.WIRE);
    world.say(machine.name(), "sends", attempt.key().toString(), String.valueOf(reached));
    int grant = grantOf(attempt);
    if (grant < 0) wrong("was sent and no grant of it is in the journal", attempt);
    List<Sent> earlier = sent.computeIfAbsent(attempt.customer(), c -> new ArrayList<>());
    for (Sent other : earlier) compare(other, attempt, reached);
    if (!earlier.isEmpty() && earlier.get(earlier.size() - 1).grant() > grant) {
      wrong("was sent after a later grant", attempt);
    }
    boolean marketing = attempt.category() == Category.MARKETING;
    Long since = optedOut.getOrDefault(attempt.customer(), Map.of()).get(attempt.channel());
    if (marketing && since != null && world.loop().now() > since + LIFE_MILLIS) {
      wrong("was sent long after an opt-out", attempt);
    }
    long granted =
        Duration.between(World.START, attempt.grantedAt()).toMillis() - machine.aheadMillis();
    if (!machine.hasStepped(granted) && world.loop().now() > granted + LIFE_MILLIS) {
      wrong("was sent after the life of its grant", attempt);
    }
    earlier.add(new Sent(world.loop().now(), attempt, reached, grant));
    if (reached) world.script().reached(attempt);
  }

  private void compare(Sent other, Attempt attempt, boolean reached) {
    boolean same = other.attempt().id().equals(attempt.id());
    if (attempt.category() == Category.MARKETING) {
      if (same) wrong("was sent twice", attempt);
      if (reached && other.reached() && other.attempt().key().equals(attempt.key())) {
        wrong("reached the customer a second time", attempt);
      }
    } else if (!same && reached && other.reached() && other.attempt().key().equals(attempt.key())) {
      wrong("reached the customer under another key", attempt);
    }
  }

  private int grantOf(Attempt attempt) {
    List<Object> log = world.disk().log(journalId(attempt.customer()));
    for (int i = log.size() - 1; i >= 0; i--) {
      if (log.get(i) instanceof OutreachGranted granted && granted.attempt().equals(attempt.id())) {
        return i;
      }
    }
    return -1;
  }

  private void wrong(String what, Attempt attempt) {
    world.problem(
        attempt.key()
            + " try "
            + attempt.number()
            + " for "
            + attempt.customer().customerId()
            + ' '
            + what);
  }

  // ---- in the journal and in answers

  void committed(String id, Object event) {
    if (!(event instanceof OutreachGranted granted) || !granted.counts()) return;
    CustomerKey customer = CustomerKey.parse(id.substring(id.indexOf('|') + 1));
    if (optedOut.getOrDefault(customer, Map.of()).containsKey(granted.channel())) {
      world.problem(granted.key() + " was granted after an opt-out");
    }
  }

  /** An opt-out was acknowledged. */
  void optedOut(CustomerKey customer, Channel channel) {
    optedOut
        .computeIfAbsent(customer, c -> new EnumMap<>(Channel.class))
        .putIfAbsent(channel, world.loop().now());
    boolean durable =
        world.disk().log(journalId(customer)).stream()
            .anyMatch(
                e ->
                    e instanceof ConversationEvent.ConsentChanged changed
                        && changed.changes().containsKey(channel));
    if (!durable) world.problem("an opt-out was acknowledged and is not in the journal");
  }

  /** A single message was acknowledged. */
  void taken(CustomerKey customer, String messageId) {
    boolean durable = fold(customer).phases().containsKey(StepKey.message(messageId));
    if (!durable) world.problem("message " + messageId + " was taken and is not in the journal");
  }

  /** A customer's answer was acknowledged to the carrier. */
  void heard(CustomerKey customer, String carrierMessageId) {
    boolean durable =
        world.disk().log(journalId(customer)).stream()
            .anyMatch(
                e ->
                    e instanceof ReplyReceived reply
                        && reply.carrierMessageId().equals(carrierMessageId));
    if (!durable) world.problem("an answer was acknowledged and is not in the journal");
  }

  Folded fold(CustomerKey customer) {
    return Folded.of(world.disk().log(journalId(customer)));
  }

  List<Sent> sent(CustomerKey customer) {
    return sent.getOrDefault(customer, List.of());
  }
}
