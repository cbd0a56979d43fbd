package org.parley.core.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Category;

class PlacesTest {

  @Test
  void marketingLeavesTheReserveToTransactionalMessages() {
    Places places = new Places(10, 20, 10);
    for (int i = 0; i < 8; i++) assertThat(places.tryTake(Category.MARKETING)).isTrue();
    assertThat(places.tryTake(Category.MARKETING)).isFalse();
    assertThat(places.tryTake(Category.TRANSACTIONAL)).isTrue();
    assertThat(places.tryTake(Category.TRANSACTIONAL)).isTrue();
    assertThat(places.tryTake(Category.TRANSACTIONAL)).isFalse();
  }

  @Test
  void withoutCapacityNobodyGetsAPlaceAndTheSmallestIsOne() {
    Places places = new Places(1, 90, 10);
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    places.release();
    places.resize(0);
    assertThat(places.tryTake(Category.MARKETING)).isFalse();
    assertThat(places.tryTake(Category.TRANSACTIONAL)).isFalse();
  }

  @Test
  void whoeverWaitedLongestGetsThePlaceAndTransactionalGoesFirst() {
    Places places = new Places(1, 0, 10);
    List<String> served = new ArrayList<>();
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    assertThat(places.await(Category.MARKETING, () -> served.add("first"))).isTrue();
    assertThat(places.await(Category.MARKETING, () -> served.add("second"))).isTrue();
    assertThat(places.await(Category.TRANSACTIONAL, () -> served.add("urgent"))).isTrue();
    for (int i = 0; i < 3; i++) places.release();
    assertThat(served).containsExactly("urgent", "first", "second");
    assertThat(places.taken()).isEqualTo(1);
  }

  @Test
  void theWaitingRoomIsBounded() {
    Places places = new Places(1, 0, 1);
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    assertThat(places.await(Category.MARKETING, () -> {})).isTrue();
    assertThat(places.await(Category.MARKETING, () -> {})).isFalse();
    assertThat(places.waiting()).isEqualTo(1);
  }

  @Test
  void nobodyJumpsTheQueue() {
    Places places = new Places(2, 0, 4);
    List<String> served = new ArrayList<>();
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    assertThat(places.await(Category.MARKETING, () -> served.add("waited"))).isTrue();
    places.release();
    assertThat(served).containsExactly("waited");
    assertThat(places.tryTake(Category.MARKETING)).isFalse();
  }

  @Test
  void moreCapacityServesThoseWhoWait() {
    Places places = new Places(1, 0, 10);
    List<String> served = new ArrayList<>();
    assertThat(places.tryTake(Category.MARKETING)).isTrue();
    for (int i = 0; i < 3; i++) places.await(Category.MARKETING, () -> served.add("x"));
    places.resize(3);
    assertThat(served).hasSize(2);
    assertThat(places.taken()).isEqualTo(3);
    places.resize(1);
    places.release();
    assertThat(served).hasSize(2);
  }

  @Test
  void aPlaceGoesOnToWhoStillWantsItHoweverManyDoNot() {
    Places places = new Places(0, 0, 200_000);
    for (int i = 0; i < 100_000; i++) {
      assertThat(places.request(Category.MARKETING, () -> false)).isTrue();
    }
    List<String> served = new ArrayList<>();
    assertThat(places.await(Category.MARKETING, () -> served.add("wanted"))).isTrue();
    places.resize(1);
    assertThat(served).containsExactly("wanted");
    assertThat(places.taken()).isEqualTo(1);
  }
}
