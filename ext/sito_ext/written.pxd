"""How entries are written down, for other native modules."""

from cpython.object cimport PyObject

from sito_ext.types cimport byte_t, uint32_t, uint64_t

cdef extern from "Python.h":       # objects that somebody else holds: no reference is counted
    PyObject* TYPE_OF "(PyObject*)Py_TYPE" (PyObject*)
    bint PyUnicode_CheckExact(PyObject*)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject*)
    bint PyTuple_CheckExact(PyObject*)
    Py_ssize_t PyTuple_GET_SIZE(PyObject*)
    PyObject* PyTuple_GET_ITEM(PyObject*, Py_ssize_t)
    Py_ssize_t PyList_GET_SIZE(PyObject*)
    PyObject* PyList_GET_ITEM(PyObject*, Py_ssize_t)

cdef enum:
    SHORT_SIZE = 32                # bytes that are copied at once where fewer are asked for

cdef struct OutC:                  # bytes that grow
    byte_t* data
    uint64_t size
    uint64_t room

cdef struct FieldC:                # of a structure
    Py_ssize_t offset              # where its objects keep the value
    PyObject* unsaid               # the value that is not written; NULL for none
    const byte_t* name             # in quotes, with the colon; `SHORT_SIZE` bytes can be read
    uint32_t name_size

cdef struct ShapeC:                # a structure
    PyObject* type
    FieldC* fields
    uint32_t count

cdef inline PyObject* part_of(PyObject* c_object, Py_ssize_t place) noexcept:
    """Return what an object keeps at a place; see `Writer.place_of`."""
    return (<PyObject**> (<char*> c_object + place))[0]


cdef int grow(OutC* c_out, uint64_t more) except -1

cdef inline int reserve(OutC* c_out, uint64_t more) except -1:
    """Make room for so many more bytes."""
    return 0 if c_out.room - c_out.size >= more else grow(c_out, more)
cdef int add_utf8(OutC* c_out, PyObject* c_text) except -1

cdef class Writer:
    cdef OutC out
    cdef bint _shown
    cdef object _encode
    cdef dict _places
    cdef list _kept
    cdef ShapeC* _shapes
    cdef uint32_t _shape_count
    cdef PyObject** _words
    cdef const byte_t** _word_texts
    cdef uint32_t* _word_sizes
    cdef uint32_t _word_count

    cdef int _text(self, PyObject* c_text, OutC* c_out) except -1
    cdef int _value(self, PyObject* c_value, OutC* c_out, uint32_t depth) except -1
    cdef Py_ssize_t place_of(self, object kind, str name) except -2
    cdef int write(self, PyObject* c_entry) except -1
