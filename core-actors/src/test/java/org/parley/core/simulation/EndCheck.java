package org.parley.core.simulation;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.Folded;
import org.parley.core.simulation.Ledger.Sent;
import org.parley.core.spi.Member;

/** What must be true once nothing is due any more. */
final class EndCheck {
  /** Clocks that were set differ by so much; a cap is counted by them. */
  private static final Duration CLOCKS = Duration.ofMinutes(11);

  private final World world;
  private final List<CustomerKey> customers;

  EndCheck(World world, List<Member> members) {
    this.world = world;
    this.customers = members.stream().map(m -> CustomerKey.of(m.customerId())).toList();
  }

  void all() {
    for (CampaignView campaign : world.tables().campaigns()) {
      addsUp(campaign);
      campaign.definition().policy().frequencyCap().ifPresent(cap -> capHolds(campaign, cap));
    }
    for (CustomerKey customer : customers) {
      Folded folded = world.ledger().fold(customer);
      if (!folded.unfinished().isEmpty()) wrong(customer, "is not finished: " + folded.phases());
      told(customer, folded);
    }
    world.eachMachine(
        machine -> {
          if (machine.taken() != 0) world.problem(machine.taken() + " places are not given back");
        });
  }

  /** Each recipient stands in one place, and the counts of the read side are theirs. */
  private void addsUp(CampaignView campaign) {
    if (campaign.startedAt().isEmpty()) return;
    Map<Standing, Long> standings = new EnumMap<>(Standing.class);
    for (CustomerKey customer : customers) {
      Standing standing = world.ledger().fold(customer).standing(campaign.id());
      standings.merge(standing, 1L, Long::sum);
      if (standing == Standing.PENDING || standing == Standing.HELD) {
        wrong(customer, "was never reached by " + campaign.id());
      }
    }
    for (Standing each : Standing.values()) {
      if (each == Standing.PENDING) continue;
      String name = each.name().toLowerCase(Locale.ROOT);
      expect(campaign, name, standings.getOrDefault(each, 0L));
    }
    expect(campaign, "finished", customers.size());
  }

  private void expect(CampaignView campaign, String name, long count) {
    long counted = world.tables().count(campaign.id() + " recipient " + name);
    if (counted != count) {
      world.problem(campaign.id() + " counts " + counted + ' ' + name + ", not " + count);
    }
  }

  private void capHolds(CampaignView campaign, FrequencyCap cap) {
    if (campaign.definition().category() != Category.MARKETING) return;
    for (CustomerKey customer : customers) {
      List<Sent> reached =
          world.ledger().sent(customer).stream()
              .filter(s -> s.reached() && s.attempt().category() == Category.MARKETING)
              .toList();
      for (Sent last : reached) {
        if (!last.attempt().key().campaignId().equals(campaign.id())) continue;
        long from = last.at() - cap.per().minus(CLOCKS).toMillis();
        long count = reached.stream().filter(s -> s.at() > from && s.at() <= last.at()).count();
        if (count > cap.messages()) {
          wrong(customer, "got " + count + " messages in " + cap.per() + ", cap " + cap.messages());
        }
      }
    }
  }

  /** What is told of a touch is what the carrier saw of it. */
  private void told(CustomerKey customer, Folded folded) {
    folded
        .phases()
        .forEach(
            (key, phase) -> {
              boolean reached =
                  world.ledger().sent(customer).stream()
                      .anyMatch(s -> s.reached() && s.attempt().key().equals(key));
              boolean says = phase.equals("DELIVERED");
              if (says && !reached) wrong(customer, key + " is said to have reached them");
              boolean receipt =
                  folded
                      .reason(key)
                      .filter(r -> List.of("absent", "hardBounce", "complaint").contains(r))
                      .isPresent();
              if (reached && !says && !phase.equals("UNKNOWN") && !receipt) {
                wrong(customer, key + " has reached them and is " + phase);
              }
            });
  }

  /** Asks each conversation what it knows; to be told to {@link #same}. */
  void ask() {
    for (CustomerKey customer : customers) {
      world
          .clients()
          .<CustomerContext>ask(
              "context",
              customer.entityId(),
              ConversationAsk.GetContext::new,
              reply -> true,
              reply -> same(customer, reply));
    }
  }

  private void same(CustomerKey customer, CustomerContext told) {
    CustomerContext folded = world.ledger().fold(customer).context(customer, told.asOf());
    if (!told.equals(folded)) wrong(customer, "is not what the journal says");
  }

  private void wrong(CustomerKey customer, String what) {
    world.problem(customer.customerId() + ' ' + what);
  }
}
