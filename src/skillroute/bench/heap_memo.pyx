# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""
A heap for each distinct tag set and a memo of those that fit, in typed Cython.

The same design as `heap_memo` in Python: what it gains is what types and C arrays gain.
"""

from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc, realloc


cdef struct Entry:
    int64_t since
    int agent


cdef struct Heap:
    Entry *entries
    int size
    int room


cdef inline bint before(Entry a, Entry b) noexcept nogil:
    return a.since < b.since or (a.since == b.since and a.agent < b.agent)


cdef int push(Heap *heap, Entry entry) except -1:
    cdef int place = heap.size
    cdef int parent
    if place == heap.room:
        heap.room = 2 * heap.room + 4
        heap.entries = <Entry *> realloc(heap.entries, heap.room * sizeof(Entry))
        if heap.entries == NULL:
            raise MemoryError
    heap.size += 1
    while place > 0:
        parent = (place - 1) >> 1
        if not before(entry, heap.entries[parent]):
            break
        heap.entries[place] = heap.entries[parent]
        place = parent
    heap.entries[place] = entry
    return 0


cdef void pop(Heap *heap) noexcept nogil:
    cdef Entry last
    cdef int place = 0
    cdef int child = 1
    heap.size -= 1
    last = heap.entries[heap.size]
    while child < heap.size:
        if child + 1 < heap.size and before(
            heap.entries[child + 1], heap.entries[child]
        ):
            child += 1
        if not before(heap.entries[child], last):
            break
        heap.entries[place] = heap.entries[child]
        place = child
        child = 2 * place + 1
    heap.entries[place] = last


cdef class HeapMemo:
    """
    Agents by number, the tag set of each, and for each needs the sets that fit.
    """

    cdef int agents
    cdef int heaps
    cdef int needs
    cdef Heap *heap
    cdef int *heap_of
    cdef int64_t *since
    cdef uint8_t *is_free
    # The heaps that fit, by needs one after another; a level ends with -1.
    cdef int *fitting
    cdef int *begins

    def __cinit__(self, list heap_of, list idle_ms, int heaps, list memo):
        cdef int place = 0
        self.agents = len(heap_of)
        self.heaps = heaps
        self.needs = len(memo)
        self.heap = <Heap *> calloc(heaps + 1, sizeof(Heap))
        self.heap_of = <int *> malloc((self.agents + 1) * sizeof(int))
        self.since = <int64_t *> malloc((self.agents + 1) * sizeof(int64_t))
        self.is_free = <uint8_t *> malloc(self.agents + 1)
        length = sum(len(level) + 1 for levels in memo for level in levels)
        self.fitting = <int *> malloc((length + 1) * sizeof(int))
        self.begins = <int *> malloc((self.needs + 1) * sizeof(int))
        if NULL in (self.heap, self.heap_of, self.since, self.is_free) or (
            self.fitting == NULL or self.begins == NULL
        ):
            raise MemoryError
        for needs, levels in enumerate(memo):
            self.begins[needs] = place
            for level in levels:
                for heap in (*level, -1):
                    self.fitting[place] = heap
                    place += 1
        self.begins[self.needs] = place
        for agent in range(self.agents):
            self.heap_of[agent] = heap_of[agent]
            self.release(agent, idle_ms[agent])

    def __dealloc__(self):
        cdef int each
        if self.heap != NULL:
            for each in range(self.heaps):
                free(self.heap[each].entries)
        free(self.heap)
        free(self.heap_of)
        free(self.since)
        free(self.is_free)
        free(self.fitting)
        free(self.begins)

    cdef int best(self, int needs) except -2:
        cdef int place, heap, best
        cdef int64_t best_since
        cdef Heap *met
        cdef Entry *top
        if not 0 <= needs < self.needs:
            raise LookupError("there are no such needs")
        place = self.begins[needs]
        best = -1
        best_since = 0
        while place < self.begins[needs + 1]:
            heap = self.fitting[place]
            place += 1
            if heap < 0:
                if best >= 0:
                    return best
                continue
            met = &self.heap[heap]
            while met.size:
                top = met.entries
                if self.is_free[top.agent] and self.since[top.agent] == top.since:
                    if best < 0 or top.since < best_since or (
                        top.since == best_since and top.agent < best
                    ):
                        best = top.agent
                        best_since = top.since
                    break
                pop(met)
        return best

    def select(self, int needs):
        cdef int agent = self.best(needs)
        return None if agent < 0 else agent

    def reserve(self, int needs):
        cdef int agent = self.best(needs)
        if agent < 0:
            return None
        self.is_free[agent] = 0
        return agent

    def take(self, int agent):
        if not 0 <= agent < self.agents:
            raise LookupError("there is no such agent")
        self.is_free[agent] = 0

    def release(self, int agent, int64_t idle_since_ms):
        cdef Entry entry
        if not 0 <= agent < self.agents:
            raise LookupError("there is no such agent")
        self.is_free[agent] = 1
        self.since[agent] = idle_since_ms
        entry.since = idle_since_ms
        entry.agent = agent
        push(&self.heap[self.heap_of[agent]], entry)
