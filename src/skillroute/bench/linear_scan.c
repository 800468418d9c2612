/*
 * Looking at every agent, in C: what is left when nothing is kept in order.
 *
 * Also `noop`, a function that takes an argument and does nothing: no call from Python
 * into C can cost less.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    PyObject_HEAD
    Py_ssize_t agents;
    Py_ssize_t needs;
    Py_ssize_t words;
    uint64_t *held;    /* words of each agent */
    uint64_t *wanted;  /* words of each needs */
    uint64_t *key;     /* tag count in the upper 16 bits, idle since below */
    uint8_t *is_free;
} Scan;

#define COUNT_SHIFT 48

static void *
copied(const void *from, Py_ssize_t size)
{
    void *to = PyMem_Malloc(size ? size : 1);
    if (to != NULL)
        memcpy(to, from, size);
    return to;
}

static uint64_t
bits_of(uint64_t word)
{
    uint64_t count = 0;
    for (; word; word &= word - 1)
        count++;
    return count;
}

static PyObject *
scan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    const char *held, *wanted, *idle_ms;
    Py_ssize_t held_size, wanted_size, idle_size, words;
    if (!PyArg_ParseTuple(args, "ny#y#y#", &words, &held, &held_size, &wanted,
                          &wanted_size, &idle_ms, &idle_size))
        return NULL;
    Scan *self = (Scan *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->words = words;
    self->agents = idle_size / 8;
    self->needs = wanted_size / 8 / words;
    self->held = copied(held, held_size);
    self->wanted = copied(wanted, wanted_size);
    self->key = copied(idle_ms, idle_size);
    self->is_free = PyMem_Malloc(self->agents ? self->agents : 1);
    if (!self->held || !self->wanted || !self->key || !self->is_free) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    memset(self->is_free, 1, self->agents);
    for (Py_ssize_t agent = 0; agent < self->agents; agent++) {
        uint64_t count = 0;
        for (Py_ssize_t word = 0; word < words; word++)
            count += bits_of(self->held[agent * words + word]);
        self->key[agent] |= count << COUNT_SHIFT;
    }
    return (PyObject *)self;
}

static void
scan_dealloc(Scan *self)
{
    PyMem_Free(self->held);
    PyMem_Free(self->wanted);
    PyMem_Free(self->key);
    PyMem_Free(self->is_free);
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t
best_of_one_word(const Scan *self, uint64_t wanted)
{
    Py_ssize_t best = -1;
    uint64_t best_key = UINT64_MAX;
    for (Py_ssize_t agent = 0; agent < self->agents; agent++) {
        if (self->is_free[agent] && (self->held[agent] & wanted) == wanted
            && self->key[agent] < best_key) {
            best = agent;
            best_key = self->key[agent];
        }
    }
    return best;
}

static int
holds(const uint64_t *held, const uint64_t *wanted, Py_ssize_t words)
{
    for (Py_ssize_t word = 0; word < words; word++)
        if ((held[word] & wanted[word]) != wanted[word])
            return 0;
    return 1;
}

static Py_ssize_t
best_of_many_words(const Scan *self, const uint64_t *wanted)
{
    Py_ssize_t best = -1;
    uint64_t best_key = UINT64_MAX;
    for (Py_ssize_t agent = 0; agent < self->agents; agent++) {
        if (self->is_free[agent] && self->key[agent] < best_key
            && holds(self->held + agent * self->words, wanted, self->words)) {
            best = agent;
            best_key = self->key[agent];
        }
    }
    return best;
}

/* Return the agent, -1 for nobody, -2 with an exception set. */
static Py_ssize_t
chosen(const Scan *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t needs = count == 1 ? PyLong_AsSsize_t(args[0]) : -1;
    if (needs < 0 || needs >= self->needs) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_LookupError, "there are no such needs");
        return -2;
    }
    const uint64_t *wanted = self->wanted + needs * self->words;
    return self->words == 1 ? best_of_one_word(self, wanted[0])
                            : best_of_many_words(self, wanted);
}

static PyObject *
answer(Py_ssize_t agent)
{
    if (agent == -2)
        return NULL;
    if (agent == -1)
        Py_RETURN_NONE;
    return PyLong_FromSsize_t(agent);
}

static PyObject *
scan_select(Scan *self, PyObject *const *args, Py_ssize_t count)
{
    return answer(chosen(self, args, count));
}

static PyObject *
scan_reserve(Scan *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t agent = chosen(self, args, count);
    if (agent >= 0)
        self->is_free[agent] = 0;
    return answer(agent);
}

/* Return the agent of a first argument, -1 with an exception set. */
static Py_ssize_t
named(const Scan *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t agent = count >= 1 ? PyLong_AsSsize_t(args[0]) : -1;
    if (agent < 0 || agent >= self->agents) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_LookupError, "there is no such agent");
        return -1;
    }
    return agent;
}

static PyObject *
scan_take(Scan *self, PyObject *const *args, Py_ssize_t count)
{
    Py_ssize_t agent = named(self, args, count);
    if (agent < 0)
        return NULL;
    self->is_free[agent] = 0;
    Py_RETURN_NONE;
}

static PyObject *
scan_release(Scan *self, PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "release(agent, idle_since_ms)");
        return NULL;
    }
    Py_ssize_t agent = named(self, args, 1);
    if (agent < 0)
        return NULL;
    long long idle_ms = PyLong_AsLongLong(args[1]);
    if (idle_ms == -1 && PyErr_Occurred())
        return NULL;
    uint64_t count_of = self->key[agent] >> COUNT_SHIFT;
    self->key[agent] = count_of << COUNT_SHIFT | (uint64_t)idle_ms;
    self->is_free[agent] = 1;
    Py_RETURN_NONE;
}

static PyObject *
noop(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    Py_RETURN_NONE;
}

#define FASTCALL(function) (PyCFunction)(void (*)(void))(function)

static PyMethodDef scan_methods[] = {
    {"select", FASTCALL(scan_select), METH_FASTCALL, NULL},
    {"reserve", FASTCALL(scan_reserve), METH_FASTCALL, NULL},
    {"take", FASTCALL(scan_take), METH_FASTCALL, NULL},
    {"release", FASTCALL(scan_release), METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot scan_slots[] = {
    {Py_tp_new, scan_new},
    {Py_tp_dealloc, scan_dealloc},
    {Py_tp_methods, scan_methods},
    {0, NULL},
};

static PyType_Spec scan_spec = {
    .name = "linear_scan.Scan",
    .basicsize = sizeof(Scan),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = scan_slots,
};

static PyMethodDef module_methods[] = {
    {"noop", FASTCALL(noop), METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "linear_scan",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC
PyInit_linear_scan(void)
{
    PyObject *module = PyModule_Create(&module_def);
    PyObject *type = PyType_FromSpec(&scan_spec);
    if (module == NULL || type == NULL
        || PyModule_AddObject(module, "Scan", type) < 0) {
        Py_XDECREF(module);
        Py_XDECREF(type);
        return NULL;
    }
    return module;
}
