package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.persistence.store.TestStores.get;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.StepKey;
import org.parley.core.spi.Change;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.PostgresStores;
import org.parley.persistence.store.TestStores;

class AddressesIT {
  private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
  private static Database database;
  private static PostgresStores stores;
  private static ReadTables tables;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    stores = TestStores.on(database.requests(), Map.of());
    tables = new ReadTables(0, ReadSideSettings.of(TestDatabase.settings(Map.of())));
  }

  @AfterAll
  static void stop() {
    stores.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "TRUNCATE customer_addresses, communications");
  }

  private static void apply(List<Change> changes) {
    ChangeGroup group = new ChangeGroup();
    for (Change change : changes) group.add(change);
    try (Connection c = database.background().getConnection()) {
      c.setAutoCommit(false);
      tables.apply(c, group);
      c.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Change known(String tenant, String customer, String email, String phone) {
    return new Change.AddressesKnown(
        tenant, customer, Optional.of(email), Optional.of(phone).filter(p -> !p.isEmpty()));
  }

  private static Change contacted(String customer, Channel channel, Instant at) {
    return new Change.CommunicationChanged(
        "default",
        new Communication(
            customer,
            new StepKey("cmp_a", channel.label()),
            channel,
            Communication.State.DELIVERED,
            Optional.empty(),
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(at),
            at));
  }

  private static List<String> customers(Channel channel, String address) {
    return get(stores.addresses().customers("default", channel, address));
  }

  @Test
  void anEmailAddressIsFoundInAnyCaseAndANumberThroughBothChannels() {
    apply(List.of(known("default", "anna", "Anna.Muster@example.org", "+43664111")));
    apply(List.of(known("acme", "other", "anna.muster@example.org", "+43664111")));
    assertThat(customers(Channel.EMAIL, "anna.MUSTER@Example.ORG")).containsExactly("anna");
    assertThat(customers(Channel.SMS, "+43664111")).containsExactly("anna");
    assertThat(customers(Channel.PHONE, "+43664111")).containsExactly("anna");
    assertThat(customers(Channel.EMAIL, "+43664111")).isEmpty();
    assertThat(customers(Channel.SMS, "+43664112")).isEmpty();
  }

  @Test
  void aChangedProfileReplacesTheOlderAddressesAndWhatItLacksIsForgotten() {
    apply(List.of(known("default", "anna", "old@example.org", "+43664111")));
    apply(
        List.of(
            known("default", "anna", "between@example.org", "+43664112"),
            known("default", "anna", "new@example.org", "")));
    assertThat(customers(Channel.EMAIL, "new@example.org")).containsExactly("anna");
    assertThat(customers(Channel.EMAIL, "old@example.org")).isEmpty();
    assertThat(customers(Channel.EMAIL, "between@example.org")).isEmpty();
    assertThat(customers(Channel.SMS, "+43664111")).isEmpty();
  }

  @Test
  void ofThoseWhoShareAnAddressTheOneContactedLastThroughThisChannelIsFirst() {
    List<Change> changes = new ArrayList<>();
    for (String customer : List.of("ann", "bob", "cem", "dan")) {
      changes.add(known("default", customer, customer + "@example.org", "+43664111"));
    }
    changes.add(contacted("cem", Channel.SMS, NOW.minusSeconds(10)));
    changes.add(contacted("bob", Channel.SMS, NOW.minusSeconds(90)));
    changes.add(contacted("dan", Channel.EMAIL, NOW));
    apply(changes);
    assertThat(customers(Channel.SMS, "+43664111")).containsExactly("cem", "bob", "ann", "dan");
  }

  @Test
  void atMostTwentyAreNamed() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      changes.add(known("default", "c" + i, "office@example.org", "+4366400" + i));
    }
    changes.add(contacted("c29", Channel.EMAIL, NOW));
    apply(changes);
    assertThat(customers(Channel.EMAIL, "office@example.org")).hasSize(20).startsWith("c29");
  }

  @Test
  void whatIsKnownAlreadyIsNotWrittenAgain() {
    Change same = known("default", "anna", "anna@example.org", "+43664111");
    apply(List.of(same));
    String place = "SELECT ('x' || md5(ctid::text || xmin::text || xmax::text))::bit(32)::int";
    long before = TestStores.number(database.background(), place + " FROM customer_addresses");
    apply(List.of(same));
    assertThat(TestStores.number(database.background(), place + " FROM customer_addresses"))
        .isEqualTo(before);
  }
}
