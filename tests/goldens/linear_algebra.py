"""Contractions and linear algebra: what is computed, with its derivatives. Signs of vectors are squared away."""

from .differentiated import differentiated, normal
from .families import Cases

case = CASES = Cases()


def regular(*shape):
    """Square matrices far from singular."""

    def draw(random):
        x = random.standard_normal(shape)
        for i in range(shape[-1]):
            x[..., i, i] += 3.0
        return x

    return draw


def einsum(equation, *shapes):
    return (lambda t, *x: t.einsum(equation, *x) ** 2, *(normal(*shape) for shape in shapes))


def parts_of_svd(t, x, full):
    """What of an SVD does not depend on signs."""
    U, S, Vh = t.linalg.svd(x, full_matrices=full)
    k = S.shape[-1]
    return S, U[..., :k] ** 2 * S.unsqueeze(-2), Vh[..., :k, :] ** 2 * S.unsqueeze(-1), U[..., :k] @ Vh[..., :k, :]


def parts_of_eigh(t, x, **options):
    values, vectors = t.linalg.eigh(x + x.mT, **options)
    return values, vectors**2 * values.unsqueeze(-2)


NORMS = {"fro": "fro", "nuc": "nuc", "1": 1, "minus_1": -1, "2": 2, "minus_2": -2, "inf": float("inf"),
         "minus_inf": -float("inf")}  # fmt: skip

OPERATIONS = {  # name -> (function(torch, *inputs), *inputs)
    "einsum_matrices": einsum("ij,jk->ik", (2, 3), (3, 4)),
    "einsum_implicit": einsum("ij,jk", (2, 3), (3, 2)),
    "einsum_alphabet": einsum("ba,Cb", (2, 3), (4, 2)),
    "einsum_trace": einsum("ii", (3, 3)),
    "einsum_diagonal": einsum("bii->bi", (2, 3, 3)),
    "einsum_sum": einsum("ij->j", (2, 3)),
    "einsum_all": einsum("ij,ij->", (2, 3), (2, 3)),
    "einsum_transposed": einsum("ijk->kij", (2, 3, 2)),
    "einsum_outer": einsum("i,j->ij", (2,), (3,)),
    "einsum_elementwise": einsum("ij,j->ij", (2, 3), (3,)),
    "einsum_heads": einsum("bhqd,bhkd->bhqk", (1, 2, 3, 2), (1, 2, 2, 2)),
    "einsum_bilinear": einsum("bn,anm,bm->ba", (2, 3), (2, 3, 2), (2, 2)),
    "einsum_four": einsum("a,ab,bc,c->", (2,), (2, 3), (3, 2), (2,)),
    "einsum_ellipsis": einsum("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    "einsum_ellipsis_implicit": einsum("i...,i", (2, 3), (2,)),
    "einsum_ellipsis_summed": einsum("...ij->j", (2, 2, 3)),
    "einsum_size_1": einsum("ij,jk->ik", (2, 1), (3, 2)),
    "einsum_size_1_kept": einsum("ij,ij->ji", (2, 1), (1, 3)),
    "einsum_repeated_in_one": einsum("iij,ik->jk", (2, 2, 3), (2, 2)),
    "einsum_list": (lambda t, x, y: t.einsum(" i j , j -> i ", [x, y]), normal(2, 3), normal(3)),
    "einsum_numbers": (lambda t, x, y: t.einsum(x, [0, 1], y, [1, 27], [27, 0]), normal(2, 3), normal(3, 2)),
    "einsum_numbers_ellipsis": (lambda t, x: t.einsum(x, [..., 0], [0, ...]) ** 2, normal(2, 3)),
    "einsum_numbers_implicit": (lambda t, x, y: t.einsum(x, [0, 1], y, [1, 2]) ** 2, normal(2, 3), normal(3, 2)),
    "tensordot": (lambda t, x, y: t.tensordot(x, y) ** 2, normal(2, 3, 2), normal(3, 2, 2)),
    "tensordot_lists": (lambda t, x, y: t.tensordot(x, y, dims=([1, -1], [1, 0])) ** 2,
                        normal(2, 3, 2), normal(2, 3, 2)),
    "tensordot_outer": (lambda t, x, y: t.tensordot(x, y, dims=0) ** 2, normal(2), normal(3)),
    "kron": (lambda t, x, y: t.kron(x, y) ** 2, normal(2, 3), normal(2, 2)),
    "kron_of_unlike": (lambda t, x, y: x.kron(y) ** 2, normal(2, 1, 2), normal(3)),
    "cross": (lambda t, x, y: t.cross(x, y, dim=1) ** 2, normal(2, 3), normal(2, 3)),
    "cross_default": (lambda t, x, y: x.cross(y) ** 2, normal(3, 2), normal(3, 2)),
    "linalg_cross": (lambda t, x, y: t.linalg.cross(x, y) ** 2, normal(2, 3), normal(1, 3)),
    "baddbmm": (lambda t, x, y, z: t.baddbmm(x, y, z, beta=0.5, alpha=2) ** 2,
                normal(2, 1), normal(2, 2, 3), normal(2, 3, 2)),
    "inv": (lambda t, x: t.linalg.inv(x), regular(2, 2, 2)),
    "inverse": (lambda t, x: t.inverse(x) @ x.inverse(), regular(3, 3)),
    "det": (lambda t, x: t.linalg.det(x), regular(2, 3, 3)),
    "det_number": (lambda t, x: t.det(x) * x.det(), normal(1, 1)),
    "solve": (lambda t, x, y: t.linalg.solve(x, y), regular(3, 3), normal(3, 2)),
    "solve_vector": (lambda t, x, y: t.linalg.solve(x, y), regular(2, 2, 2), normal(2)),
    "solve_vectors": (lambda t, x, y: t.linalg.solve(x, y), regular(3, 2, 2), normal(3, 2)),
    "solve_broadcast": (lambda t, x, y: t.linalg.solve(x, y), regular(2, 1, 2, 2), normal(3, 2, 1)),
    "solve_right": (lambda t, x, y: t.linalg.solve(x, y, left=False), regular(2, 2), normal(3, 2)),
    "eigh": (parts_of_eigh, normal(2, 3, 3)),
    "eigh_upper": (lambda t, x: parts_of_eigh(t, x, UPLO="U"), normal(2, 2)),
    "eigvalsh": (lambda t, x: t.linalg.eigvalsh(x + x.mT), normal(2, 3, 3)),
    "svd_square": (lambda t, x: parts_of_svd(t, x, True), regular(2, 3, 3)),
    "svd_tall": (lambda t, x: parts_of_svd(t, x, False), normal(4, 2)),
    "svd_wide": (lambda t, x: parts_of_svd(t, x, False), normal(2, 3)),
    "svd_full": (lambda t, x: parts_of_svd(t, x, True), normal(3, 2)),
    "svdvals": (lambda t, x: t.linalg.svdvals(x), normal(2, 2, 3)),
    "vector_norm": (lambda t, x: t.linalg.vector_norm(x), normal(2, 3)),
    **{f"vector_norm_{name}": (lambda t, x, p=p: t.linalg.vector_norm(x, p, dim=1, keepdim=True), normal(2, 3))
       for name, p in {"1": 1, "3": 3.0, "minus_2": -2, "inf": float("inf")}.items()},
    **{f"matrix_norm_{name}": (lambda t, x, p=p: t.linalg.matrix_norm(x, p), normal(2, 3, 2))
       for name, p in NORMS.items()},
    "norm_of_dims": (lambda t, x: t.linalg.norm(x, 1, dim=(2, 0), keepdim=True) * x, normal(2, 3, 2)),
    "norm_of_all": (lambda t, x: t.linalg.norm(x) * t.linalg.norm(x, dim=(0, 2)), normal(2, 3, 2)),
    "norm_of_vector": (lambda t, x: t.linalg.norm(x, 3) * t.linalg.norm(x, 1, dim=-1), normal(3)),
    "norm_of_matrix": (lambda t, x: t.linalg.norm(x, "nuc") * t.linalg.norm(x, float("inf")), normal(3, 2)),
    "cdist": (lambda t, x, y: t.cdist(x, y), normal(2, 3), normal(3, 3)),
    "cdist_batches": (lambda t, x, y: t.cdist(x, y, p=1.0), normal(2, 1, 2, 2), normal(3, 2, 2)),
    **{f"cdist_{name}": (lambda t, x, y, p=p: t.cdist(x, y, p), normal(2, 2), normal(3, 2))
       for name, p in {"3": 3.0, "inf": float("inf")}.items()},
}

CASES.update(differentiated(OPERATIONS, once=("cdist",)))  # PyTorch's cdist has no second derivative


@case
def singular_and_repeated(torch):
    def slope(f, numbers):
        x = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad

    flat, same = [[1.0, 2.0], [2.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]]
    return {
        "det": torch.linalg.det(torch.tensor(flat)),
        "eigenvalues": slope(lambda x: (torch.linalg.eigh(x).eigenvalues ** 2).sum(), same),
        "singular values": slope(lambda x: (torch.linalg.svd(x).S ** 2).sum(), same),
        "cdist at 0": slope(lambda x: torch.cdist(x, x).sum(), flat),
        "empty": torch.linalg.det(torch.zeros(2, 0, 0)), "float32": torch.linalg.inv(torch.tensor([[2.0, 1], [1, 1]])),
        "dtype": torch.linalg.vector_norm(torch.tensor([3.0, 4.0]), dtype=torch.float64),
        "ints": torch.einsum("ij,jk", torch.tensor([[1, 2]]), torch.tensor([[3], [4]])),
        "kron of ints": torch.kron(torch.tensor([1, 2]), torch.tensor([1.5])),
        "norm 0": torch.linalg.vector_norm(torch.tensor([3.0, 0.0]), 0), "shown": str(torch.linalg.svd(torch.eye(2))),
        "eigh shown": repr(torch.linalg.eigh(torch.tensor([[2.0, 0.0], [0.0, 3.0]])).eigenvalues),
        "matmul-like": torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), dims=1),
        "shapes": torch.tensor(torch.linalg.svd(torch.ones(2, 4)).Vh.shape),
    }
